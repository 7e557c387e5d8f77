//! Accounts, for whoever runs the system: the command line, the demo, later the admin API.
//!
//! What is done here obeys the same rules as what people do on the pages.

use symbolon_core::audit::{Actor, By, Kind, Record};
use symbolon_core::password::{Refusal, Rules};
use symbolon_core::{Role, SubjectId};
use symbolon_store::passwords::HashingError;
use symbolon_store::{Account, StoreError};

use crate::service::App;

/// The verbs.
#[derive(Clone)]
pub struct Accounts {
    app: App,
    actor: Actor,
}

/// Why something cannot be done with an account.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The password breaks a rule.
    #[error("password is not accepted: {0}")]
    Refused(Refusal),
    /// The password cannot be hashed now.
    #[error("password cannot be hashed")]
    Hashing(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The name is taken, or the store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    pub(crate) const fn new(app: App) -> Self {
        Self { app, actor: Actor::System }
    }

    /// The same, by somebody: that is who the audit log says it was.
    #[must_use]
    pub fn by(self, actor: Actor) -> Self {
        Self { actor, ..self }
    }

    fn record(&self, kind: Kind, subject: &SubjectId) -> Record {
        Record::new(kind, &self.now()).subject(subject)
    }

    fn now(&self) -> By {
        By::new(self.actor.clone(), None, self.app.clock.now())
    }

    /// Adds an account.
    pub async fn create(
        &self,
        subject: SubjectId,
        typed_password: &str,
        roles: Vec<Role>,
        groups: Vec<String>,
    ) -> Result<Account, AccountError> {
        let service = &self.app;
        let context = [subject.as_str(), &service.config.service_name];
        let password =
            Rules { context: &context }.judge(typed_password).map_err(AccountError::Refused)?;
        let hash = service.passwords.hash(password.into_plain()).await?;
        let now = service.clock.now();
        let created = Account {
            subject,
            password_hash: hash.as_str().to_owned(),
            roles,
            groups,
            disabled: false,
            created_at: now,
            password_changed_at: now,
        };
        let roles: Vec<&str> = created.roles.iter().map(Role::as_str).collect();
        let record = self
            .record(Kind::AccountCreated, &created.subject)
            .with("roles", roles)
            .with("groups", created.groups.clone());
        service.core.create_account(&created, &record).await?;
        tracing::info!(subject = %created.subject, "account created");
        Ok(created)
    }

    /// Up to `limit` accounts in the order of their names, those after `after`.
    pub async fn list(
        &self,
        after: Option<&SubjectId>,
        limit: u32,
    ) -> Result<Vec<Account>, AccountError> {
        Ok(self.app.core.list_accounts(after, limit).await?)
    }

    /// Disables an account and ends its sessions; whether there is such an account.
    pub async fn disable(&self, subject: &SubjectId) -> Result<bool, AccountError> {
        let service = &self.app;
        let by = self.now();
        let record = Record::new(Kind::AccountDisabled, &by).subject(subject);
        // From here on nobody is in, whatever becomes of this process.
        if !service.sessions.disable(subject, &service.clock, &record).await? {
            return Ok(false);
        }
        let by = self.now().because("account_disabled");
        let ended = service.sessions.end_all_by(subject, &by).await?;
        tracing::info!(%subject, sessions = ended, "account disabled");
        Ok(true)
    }

    /// Enables an account again; whether there is such an account.
    pub async fn enable(&self, subject: &SubjectId) -> Result<bool, AccountError> {
        let record = self.record(Kind::AccountEnabled, subject);
        Ok(self.app.core.set_disabled(subject, false, None, &record).await?)
    }

    /// Replaces the roles, in live sessions too; whether there is such an account.
    pub async fn set_roles(
        &self,
        subject: &SubjectId,
        roles: &[Role],
    ) -> Result<bool, AccountError> {
        let is_known = self.app.sessions.set_roles(subject, roles, &self.now()).await?;
        if is_known {
            tracing::info!(%subject, ?roles, "roles replaced");
        }
        Ok(is_known)
    }

    /// Replaces the groups, in live sessions too; whether there is such an account.
    pub async fn set_groups(
        &self,
        subject: &SubjectId,
        groups: &[String],
    ) -> Result<bool, AccountError> {
        let is_known = self.app.sessions.set_groups(subject, groups, &self.now()).await?;
        if is_known {
            tracing::info!(%subject, ?groups, "groups replaced");
        }
        Ok(is_known)
    }
}

impl From<HashingError> for AccountError {
    fn from(error: HashingError) -> Self {
        Self::Hashing(Box::new(error))
    }
}
