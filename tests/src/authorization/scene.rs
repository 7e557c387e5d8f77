//! A gateway with a machine `robot`, a folder for policies, and what its log says of a request.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::symbolon::{PASSWORD, Symbolon};
use crate::harness::upstream::Upstream;
use crate::harness::visitor::Visitor;

/// Everything runs until the end of the test.
pub(super) struct Scene {
    pub(super) stage: Stage,
    /// The key of `robot`.
    key: String,
    folder: TempDir,
}

impl Scene {
    /// With these sections and routes, and these policies by the names of their files.
    pub(super) fn new(sections: &str, routes: &str, policies: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("policies")).unwrap();
        let key = Symbolon::new_key();
        fs::write(folder.path().join("robot.key"), &key).unwrap();
        for (name, text) in policies {
            fs::write(folder.path().join("policies").join(name), text).unwrap();
        }
        let settings = settings(&folder, sections, routes);
        let stage = Stage::set(&settings, Upstream::plain());
        Self { stage, key, folder }
    }

    /// Where policies are.
    pub(super) fn policy(&self, name: &str) -> PathBuf {
        self.folder.path().join("policies").join(name)
    }

    /// Puts a policy in place, whole.
    pub(super) fn write_policy(&self, name: &str, text: &str) {
        let new = self.folder.path().join("new");
        fs::write(&new, text).unwrap();
        fs::rename(new, self.policy(name)).unwrap();
    }

    /// Another configuration.
    pub(super) fn write(&self, sections: &str, routes: &str) {
        let settings = settings(&self.folder, sections, routes);
        let (api, other) = (self.stage.api.address, self.stage.other.address);
        self.stage.symbolon.write_config(&settings.yaml(api, other));
    }

    /// A new account with roles and groups, logged in.
    pub(super) fn newcomer(&self, name: &str, roles: &[&str], groups: &[&str]) -> Visitor {
        let mut words = vec!["user", "add", name, "--password-stdin"];
        words.extend(roles.iter().flat_map(|role| ["--role", role]));
        words.extend(groups.iter().flat_map(|group| ["--group", group]));
        self.stage.symbolon.run_with(&words, PASSWORD);
        self.stage.again(name)
    }

    /// A request of the machine.
    pub(super) fn of_robot(&self, request: Request) -> Request {
        request.with("apikey", &self.key)
    }

    /// What the log says of the last request for a path.
    pub(super) fn logged(&self, path: &str) -> Value {
        let lines = self.stage.symbolon.access_log();
        let of_path = |line: &str| {
            let line: Value = serde_json::from_str(line).ok()?;
            (line["path"] == path).then_some(line)
        };
        lines.wait_for(path, of_path);
        lines.all().iter().rev().find_map(|line| of_path(line)).unwrap()
    }

    /// The rule that decided on the only request for a path.
    pub(super) fn rule(&self, path: &str) -> String {
        self.logged(path)["decision.rule"].as_str().unwrap_or("none").to_owned()
    }

    /// How many reloads had this outcome.
    pub(super) fn reloads(&self, outcome: &str) -> u64 {
        let admin = self.stage.symbolon.admin;
        let request = Request::get("/metrics").with("Host", &admin.to_string());
        let answer = crate::harness::http::exchange(admin, &request);
        let meter = format!("symbolon_reloads_total{{outcome=\"{outcome}\"}} ");
        let count = answer.text().lines().find_map(|line| line.strip_prefix(&meter)?.parse().ok());
        count.unwrap_or(0)
    }
}

/// The settings of a scene in its folder.
pub(super) fn settings(folder: &TempDir, sections: &str, routes: &str) -> Settings {
    let path = folder.path().display();
    Settings {
        sections: format!(
            "clients:
  robot:
    roles: [machine]
    groups: [machines]
    scopes: [\"orders:read\"]
    labels: {{ team: warehouse }}
    credentials: [{{ api_key: {{ secret_file: {path}/robot.key }} }}]
policies: {{ dir: {path}/policies, headers: [x-channel] }}
{sections}"
        ),
        routes: routes.to_owned(),
        ..Settings::default()
    }
}
