//! A simulator or a phone, as a device of a run: what its tools do.

use std::path::PathBuf;
use std::time::Duration;

use super::DeathKind;
use super::crew::Device;
use super::drive::{Kind, ToolAct};
use super::tools::{self, Act, Runs, Target, Tool};
use crate::device::protocol::LOG_FILE;

/// An app on a device, and the tools that handle it.
pub struct Tooled {
    target: Target,
    runs: Box<dyn Runs + Send>,
    /// Whether the app has to be installed first.
    install: bool,
    /// Where its log is copied to.
    folder: PathBuf,
    /// The app's process, where a tool named it.
    pid: Option<u32>,
}

impl Tooled {
    /// The app of `target`, which is installed first if so; its log is copied into `folder`.
    pub fn new(
        target: Target,
        runs: Box<dyn Runs + Send>,
        install: bool,
        folder: PathBuf,
    ) -> Tooled {
        Tooled { target, runs, install, folder, pid: None }
    }

    fn perform(&mut self, act: &Act) -> Result<tools::Ran, String> {
        let call = self.target.call(act).map_err(|cannot| cannot.to_string())?;
        self.target.perform(&mut *self.runs, &call).map_err(|error| error.to_string())
    }

    fn process(&self) -> Result<u32, String> {
        self.pid.ok_or_else(|| "the tool did not say which process the app has".into())
    }

    fn launched(&mut self, act: &Act) -> Result<(), String> {
        let call = self.target.call(act).map_err(|cannot| cannot.to_string())?;
        let ran = self.runs.run(&call).map_err(|error| error.to_string())?;
        let pid = self.target.launched(&call, &ran).map_err(|error| error.to_string())?;
        self.pid = pid.or(self.pid);
        Ok(())
    }
}

/// What the table of steps knows the device as.
pub fn kind_of(device: &tools::Device) -> Kind {
    match device.tool {
        Tool::Simctl => Kind::Simulator,
        Tool::Devicectl => Kind::Phone,
        Tool::IosDeploy => Kind::OldPhone,
    }
}

impl Device for Tooled {
    fn launch(&mut self, environment: &[(String, String)]) -> Result<(), String> {
        if self.install {
            self.perform(&Act::Install)?;
        }
        let env = environment.to_vec();
        self.launched(&Act::Launch { args: Vec::new(), env, fresh: true })
    }

    fn act(&mut self, act: ToolAct) -> Result<(), String> {
        match act {
            ToolAct::Background => self.perform(&Act::Background).map(drop),
            // The answer may name a new process: the one before may have ended.
            ToolAct::Foreground => self.launched(&Act::Foreground),
            ToolAct::Kill => {
                let pid = self.process()?;
                self.perform(&Act::Terminate { pid }).map(drop)
            }
            ToolAct::MemoryWarning => {
                let pid = self.process()?;
                self.perform(&Act::MemoryWarning { pid }).map(drop)
            }
        }
    }

    fn ended(&mut self) -> Option<DeathKind> {
        // The end of a process elsewhere shows by what the agent says, and does not say any more.
        None
    }

    fn look_every(&self) -> Option<Duration> {
        None
    }

    fn log(&mut self) -> Result<Option<Vec<u8>>, String> {
        let to = self.folder.join(LOG_FILE);
        let fetched = self.target.fetch(&mut *self.runs, LOG_FILE, &to);
        fetched.map_err(|error| format!("the phone's log cannot be fetched: {error}"))?;
        let bytes = std::fs::read(&to);
        bytes.map(Some).map_err(|error| format!("{} cannot be read: {error}", to.display()))
    }

    fn end(&mut self) {
        if let Some(pid) = self.pid.take() {
            // The agent ends by itself when it is told to; then there is nothing to end.
            let _ = self.perform(&Act::Terminate { pid });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::host::tools::{Fake, Ran, State};

    fn simulator() -> Target {
        let device = tools::Device {
            id: "UDID".into(),
            core_id: None,
            name: "a simulator".into(),
            kind: tools::Kind::Simulator,
            tool: Tool::Simctl,
            os: Some("17.0".into()),
            model: None,
            state: State::Ready,
        };
        Target { device, bundle_id: "org.example.agent".into(), app: "Agent.app".into() }
    }

    #[test]
    fn an_app_is_installed_once_and_launched_with_its_variables() {
        let runs = Fake::new()
            .answer("xcrun simctl install", Ran::said(""))
            .answer("xcrun simctl launch", Ran::said("org.example.agent: 77\n"))
            .answer("xcrun simctl terminate", Ran::said(""));
        let mut device = Tooled::new(simulator(), Box::new(runs), true, PathBuf::new());
        assert_eq!(kind_of(&device.target.device), Kind::Simulator);
        device.launch(&[("HOLDLINE_RUN".into(), "n".into())]).unwrap();
        assert_eq!(device.pid, Some(77));
        device.act(ToolAct::Background).unwrap();
        device.act(ToolAct::Kill).unwrap();
    }

    #[test]
    fn what_no_tool_can_do_says_who_can() {
        let mut device = Tooled::new(simulator(), Box::new(Fake::new()), false, PathBuf::new());
        device.pid = Some(1);
        let why = device.act(ToolAct::MemoryWarning).unwrap_err();
        assert!(why.contains("by hand: Simulator, Debug"), "{why}");
    }
}
