//! When clients and credentials last ended. Who is let in again a moment later has the same name and
//! the same credential; what was judged before stays over all the same.

use hashbrown::HashMap;
use parking_lot::RwLock;
use symbolon_core::client::CredentialId;
use symbolon_core::{ClientId, Timestamp};

/// The most that are remembered one by one. Beyond, everything that was judged before is over:
/// whatever is cut by that may ask again.
const MAX_ENDED: usize = 100_000;

/// What ended, since this process began.
#[derive(Default)]
pub(super) struct Ended(RwLock<All>);

#[derive(Default)]
struct All {
    clients: HashMap<ClientId, OfClient>,
    count: usize,
    /// Of everybody, where there were too many to tell apart.
    everybody: Option<Timestamp>,
}

#[derive(Default)]
struct OfClient {
    itself: Option<Timestamp>,
    credentials: Vec<(CredentialId, Timestamp)>,
}

impl Ended {
    /// A client was disabled or removed.
    pub(super) fn client(&self, id: &ClientId, at: Timestamp) {
        let mut all = self.0.write();
        // Its credentials ended with it.
        let of_client = OfClient { itself: Some(at), credentials: Vec::new() };
        if all.clients.insert(id.clone(), of_client).is_none() {
            all.grow(at);
        }
    }

    /// A credential was removed.
    pub(super) fn credential(&self, client: &ClientId, id: &CredentialId, at: Timestamp) {
        let mut all = self.0.write();
        let of_client = all.clients.entry(client.clone()).or_default();
        if let Some((_, ended)) = of_client.credentials.iter_mut().find(|(other, _)| other == id) {
            *ended = at.max(*ended);
        } else {
            of_client.credentials.push((id.clone(), at));
            all.grow(at);
        }
    }

    /// A client, or this credential of it, is there again. Nobody was let in by it in between, so
    /// whoever was judged before now was judged before it ended, however long that took to be told.
    pub(super) fn again(
        &self,
        client: &ClientId,
        credential: Option<&CredentialId>,
        at: Timestamp,
    ) {
        let mut all = self.0.write();
        let Some(of_client) = all.clients.get_mut(client) else { return };
        let ended = match credential {
            None => of_client.itself.as_mut(),
            Some(id) => {
                let mut credentials = of_client.credentials.iter_mut();
                credentials.find(|(other, _)| other == id).map(|(_, ended)| ended)
            }
        };
        if let Some(ended) = ended {
            *ended = at.max(*ended);
        }
    }

    /// Whether a client, or this credential of it, has ended since something was judged.
    pub(super) fn since(
        &self,
        client: &ClientId,
        credential: Option<&str>,
        judged: Timestamp,
    ) -> bool {
        let all = self.0.read();
        let is_over = |ended: &Option<Timestamp>| ended.is_some_and(|at| judged <= at);
        let of_client = all.clients.get(client).is_some_and(|of_client| {
            let mut credentials = of_client.credentials.iter();
            is_over(&of_client.itself)
                || credentials.any(|(id, at)| Some(id.as_str()) == credential && judged <= *at)
        });
        of_client || is_over(&all.everybody)
    }
}

impl All {
    fn grow(&mut self, at: Timestamp) {
        self.count += 1;
        if self.count > MAX_ENDED {
            *self = Self { everybody: Some(at), ..Self::default() };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000);

    fn at(seconds: u64) -> Timestamp {
        NOW.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn what_was_judged_before_is_over_and_what_comes_after_is_not() {
        let ended = Ended::default();
        let (robot, other): (ClientId, ClientId) =
            ("robot".parse().unwrap(), "other".parse().unwrap());
        ended.credential(&robot, &"one".parse().unwrap(), at(1));
        for (client, credential, judged, is_over) in [
            (&robot, Some("one"), 0, true),
            (&robot, Some("one"), 1, true),
            (&robot, Some("one"), 2, false),
            (&robot, Some("two"), 0, false),
            (&robot, None, 0, false),
            (&other, Some("one"), 0, false),
        ] {
            let is = ended.since(client, credential, at(judged));
            assert_eq!(is, is_over, "{client} {credential:?} {judged}");
        }
        ended.again(&robot, Some(&"one".parse().unwrap()), at(2));
        ended.again(&robot, Some(&"two".parse().unwrap()), at(2));
        assert!(
            ended.since(&robot, Some("one"), at(2)) && !ended.since(&robot, Some("two"), at(0))
        );
        ended.client(&robot, at(3));
        assert!(ended.since(&robot, Some("two"), at(3)) && ended.since(&robot, None, at(2)));
        ended.again(&robot, None, at(4));
        assert!(ended.since(&robot, None, at(4)) && !ended.since(&robot, None, at(5)));
        assert!(!ended.since(&robot, Some("one"), at(5)) && !ended.since(&other, None, at(0)));
    }

    #[test]
    fn too_many_are_all_of_them() {
        let ended = Ended::default();
        for number in 0..=MAX_ENDED {
            ended.client(&format!("c{number}").parse().unwrap(), at(1));
        }
        let never: ClientId = "never".parse().unwrap();
        assert!(ended.since(&never, None, at(1)) && !ended.since(&never, None, at(2)));
        assert!(ended.0.read().clients.is_empty());
    }
}
