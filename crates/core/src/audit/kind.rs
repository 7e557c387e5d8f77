//! The kinds of records. A name that was released is never given another meaning.

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it, and docs/audit.md says it of each")]
pub enum Kind {
    AccountCreated,
    AccountDisabled,
    AccountEnabled,
    PasswordChanged,
    PasswordReset,
    PasswordRehashed,
    RolesChanged,
    GroupsChanged,
    LogIn,
    LogInFailed,
    LogInThrottled,
    PasswordRefused,
    SessionEnded,
    SessionsEnded,
    SessionsSeeded,
    KeyMade,
    KeyPulled,
    KeyRemoved,
    ClientAdded,
    ClientChanged,
    ClientEnabled,
    ClientDisabled,
    ClientRemoved,
    CredentialAdded,
    CredentialRotated,
    CredentialRemoved,
    ClientTokenMade,
    Authenticated,
    Refused,
    ReloadApplied,
    ReloadRefused,
    Started,
    Stopped,
    ObservationsDropped,
    AuditCut,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was tried and went wrong: a wrong password.
    Failure,
    /// It was not allowed.
    Refused,
}

impl Kind {
    /// All there are.
    pub const ALL: [Self; 35] = [
        Self::AccountCreated,
        Self::AccountDisabled,
        Self::AccountEnabled,
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::PasswordRehashed,
        Self::RolesChanged,
        Self::GroupsChanged,
        Self::LogIn,
        Self::LogInFailed,
        Self::LogInThrottled,
        Self::PasswordRefused,
        Self::SessionEnded,
        Self::SessionsEnded,
        Self::SessionsSeeded,
        Self::KeyMade,
        Self::KeyPulled,
        Self::KeyRemoved,
        Self::ClientAdded,
        Self::ClientChanged,
        Self::ClientEnabled,
        Self::ClientDisabled,
        Self::ClientRemoved,
        Self::CredentialAdded,
        Self::CredentialRotated,
        Self::CredentialRemoved,
        Self::ClientTokenMade,
        Self::Authenticated,
        Self::Refused,
        Self::ReloadApplied,
        Self::ReloadRefused,
        Self::Started,
        Self::Stopped,
        Self::ObservationsDropped,
        Self::AuditCut,
    ];

    /// The name in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountCreated => "account_created",
            Self::AccountDisabled => "account_disabled",
            Self::AccountEnabled => "account_enabled",
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::PasswordRehashed => "password_rehashed",
            Self::RolesChanged => "roles_changed",
            Self::GroupsChanged => "groups_changed",
            Self::LogIn => "log_in",
            Self::LogInFailed => "log_in_failed",
            Self::LogInThrottled => "log_in_throttled",
            Self::PasswordRefused => "password_refused",
            Self::SessionEnded => "session_ended",
            Self::SessionsEnded => "sessions_ended",
            Self::SessionsSeeded => "sessions_seeded",
            Self::KeyMade => "key_made",
            Self::KeyPulled => "key_pulled",
            Self::KeyRemoved => "key_removed",
            Self::ClientAdded => "client_added",
            Self::ClientChanged => "client_changed",
            Self::ClientEnabled => "client_enabled",
            Self::ClientDisabled => "client_disabled",
            Self::ClientRemoved => "client_removed",
            Self::CredentialAdded => "credential_added",
            Self::CredentialRotated => "credential_rotated",
            Self::CredentialRemoved => "credential_removed",
            Self::ClientTokenMade => "client_token_made",
            Self::Authenticated => "authenticated",
            Self::Refused => "refused",
            Self::ReloadApplied => "reload_applied",
            Self::ReloadRefused => "reload_refused",
            Self::Started => "started",
            Self::Stopped => "stopped",
            Self::ObservationsDropped => "observations_dropped",
            Self::AuditCut => "audit_cut",
        }
    }
}

impl Outcome {
    /// The name in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Refused => "refused",
        }
    }
}
