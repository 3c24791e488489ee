//! A run over real sockets on a thread of its own, for somebody who thinks between one command and the next.
//!
//! A clock that jumps stands still meanwhile, and with it everything in the run. One that goes with the machine's
//! runs on, and so does the run.

use std::cell::OnceCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::clock::Pace;
use super::steered::{Listening, Reached, Steered};
use super::{LiveError, LiveOptions};
use crate::os::Os;
use crate::port::Time;
use crate::run::BlurredFrom;
use crate::scenario::Scenario;
use crate::trace::{Event, Pattern, Recorder};
use crate::wire::Said;

/// How far a run is to go.
#[derive(Clone, Debug)]
pub enum Until {
    /// To this time.
    Time(Time),
    /// Until so many more events have happened.
    Events(usize),
    /// Until this event happens.
    Event(Pattern),
}

/// What is new in a run since somebody looked last, and where it stands.
#[derive(Debug)]
pub struct News {
    /// How far time is.
    pub now: Time,
    /// What happened, in the order in which it did.
    pub events: Vec<Event>,
    /// What servers said beside their frames.
    pub sayings: Vec<Said>,
    /// From when on runs of devices prove nothing: all of them so far.
    pub blurs: Vec<BlurredFrom>,
    /// Energy of each device's radio above idle, in nanojoules.
    pub energy: Vec<u64>,
    /// The phones as they are now, in the order of their numbers.
    pub phones: Vec<Os>,
    /// When something is due next that is known by now: what comes over sockets is not.
    pub due: Time,
}

/// A run over real sockets on a thread of its own; it ends when this is dropped.
#[derive(Debug)]
pub struct Aside {
    orders: Option<UnboundedSender<Order>>,
    interrupt: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread is asked, and where it answers.
enum Order {
    Look(Sender<Answer>),
    Release,
    Advance(Until, Sender<Answer>),
    /// More steps, and when they are to act.
    GoOnWith(Arc<Scenario>, Time, Sender<Answer>),
    Renew(Arc<Scenario>, Sender<Answer>),
}

/// Why it stands where it does, and what is new.
type Answer = Result<(Reached, News), LiveError>;

/// How often somebody who waits for an answer looks whether he still wants it.
const LOOKED: Duration = Duration::from_millis(20);

impl Aside {
    /// Starts server, proxies and phones, and opens the app on each.
    ///
    /// # Errors
    /// As of [`Steered::open`], or when a thread cannot be had.
    pub fn open(scenario: Arc<Scenario>, options: LiveOptions) -> Result<(Aside, News), LiveError> {
        let (orders, asked) = unbounded_channel();
        let interrupt = Arc::new(AtomicBool::new(false));
        let (opened, answer) = channel();
        let flag = Arc::clone(&interrupt);
        let thread = std::thread::Builder::new()
            .name("holdline-run".into())
            .spawn(move || run(scenario, &options, asked, &flag, &opened))?;
        let aside = Aside { orders: Some(orders), interrupt, thread: Some(thread) };
        let (_, news) = answer.recv().map_err(|_| ended())??;
        Ok((aside, news))
    }

    /// What is new. From now on until [`Aside::release`] the run goes on only when it is told to, so that what is
    /// done comes when it was meant to.
    ///
    /// # Errors
    /// When a socket could not be had meanwhile.
    pub fn look(&mut self) -> Result<News, LiveError> {
        let (answer, answered) = channel();
        self.order(Order::Look(answer))?;
        let (_, news) = wait(&answered, &self.interrupt, &|| false)?;
        Ok(news)
    }

    /// Goes on until `until` is reached, the run is over, or `stop` says so.
    ///
    /// # Errors
    /// When a socket cannot be had.
    pub fn advance(&mut self, until: Until, stop: &dyn Fn() -> bool) -> Answer {
        let (answer, answered) = channel();
        self.interrupt.store(false, Ordering::Relaxed);
        self.order(Order::Advance(until, answer))?;
        wait(&answered, &self.interrupt, stop)
    }

    /// Goes on with `scenario`: the same with more steps at its end. Those that act at `at` do.
    ///
    /// # Errors
    /// When what is new cannot be done over real sockets, and nothing was done then; or when a socket cannot be had.
    pub fn go_on_with(&mut self, scenario: Arc<Scenario>, at: Time) -> Result<News, LiveError> {
        let (answer, answered) = channel();
        self.interrupt.store(false, Ordering::Relaxed);
        self.order(Order::GoOnWith(scenario, at, answer))?;
        let (_, news) = wait(&answered, &self.interrupt, &|| false)?;
        Ok(news)
    }

    /// The same scenario, but for what it expects, when it ends, and steps at its end that act later.
    ///
    /// # Errors
    /// When what is new cannot be shown over real sockets; nothing was done then.
    pub fn renew(&mut self, scenario: Arc<Scenario>) -> Result<News, LiveError> {
        let (answer, answered) = channel();
        self.order(Order::Renew(scenario, answer))?;
        let (_, news) = wait(&answered, &self.interrupt, &|| false)?;
        Ok(news)
    }

    /// The run goes on by itself again, if its clock does.
    ///
    /// # Errors
    /// When its thread has ended.
    pub fn release(&mut self) -> Result<(), LiveError> {
        self.order(Order::Release)
    }

    fn order(&self, order: Order) -> Result<(), LiveError> {
        let orders = self.orders.as_ref().ok_or_else(ended)?;
        orders.send(order).map_err(|_| ended())
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        self.interrupt.store(true, Ordering::Relaxed);
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // That it panicked has been written to stderr.
            let _ = thread.join();
        }
    }
}

fn ended() -> LiveError {
    LiveError::Io(std::io::Error::other("the run's thread has ended"))
}

/// Waits for the answer; sets `interrupt` when `stop` says so.
fn wait(answered: &Receiver<Answer>, interrupt: &AtomicBool, stop: &dyn Fn() -> bool) -> Answer {
    loop {
        match answered.recv_timeout(LOOKED) {
            Ok(answer) => return answer,
            Err(RecvTimeoutError::Disconnected) => return Err(ended()),
            Err(RecvTimeoutError::Timeout) if stop() => interrupt.store(true, Ordering::Relaxed),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Every scenario that a run has gone on with: it looks into all of them as long as it lasts.
struct Shelf {
    scenario: Arc<Scenario>,
    next: OnceCell<Box<Shelf>>,
}

impl Shelf {
    fn new(scenario: Arc<Scenario>) -> Shelf {
        Shelf { scenario, next: OnceCell::new() }
    }

    /// The last one.
    fn last(&self) -> &Shelf {
        let mut last = self;
        while let Some(next) = last.next.get() {
            last = next;
        }
        last
    }

    fn put(&self, scenario: Arc<Scenario>) -> &Scenario {
        &self.last().next.get_or_init(|| Box::new(Shelf::new(scenario))).scenario
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        // One after the other: a long session would be deep.
        let mut next = self.next.take();
        while let Some(mut one) = next {
            next = one.next.take();
        }
    }
}

/// What the thread has.
struct Run<'s> {
    steered: Steered<'s>,
    shelf: &'s Shelf,
    scenario: &'s Scenario,
    new: Recorder,
    sayings: Vec<Said>,
}

/// The thread: opens the run, does what it is asked, and ends when nobody can ask any more.
fn run(
    scenario: Arc<Scenario>,
    options: &LiveOptions,
    mut asked: UnboundedReceiver<Order>,
    interrupt: &AtomicBool,
    opened: &Sender<Answer>,
) {
    let shelf = Shelf::new(scenario);
    let mut new = Recorder::default();
    let steered = match Steered::open(&shelf.scenario, options, &mut new) {
        Ok(steered) => steered,
        Err(error) => return drop(opened.send(Err(error))),
    };
    let mut run =
        Run { steered, shelf: &shelf, scenario: &shelf.scenario, new, sayings: Vec::new() };
    // Who does not listen any more asks nothing either.
    let _ = opened.send(Ok((Reached::Time, run.news())));
    let (mut failed, mut held) = (None, false);
    let by_itself = matches!(options.pace, Pace::Times(_));
    loop {
        let order = match by_itself && !held && failed.is_none() {
            false => asked.blocking_recv(),
            true => match run.wait(&mut asked) {
                Ok(order) => order,
                Err(error) => {
                    failed = Some(error);
                    continue;
                }
            },
        };
        let Some(order) = order else { return };
        held = true;
        let (reached, to) = match order {
            Order::Release => {
                held = false;
                continue;
            }
            Order::Look(to) if by_itself => (run.catch_up().map(|()| Reached::Time), to),
            Order::Look(to) => (Ok(Reached::Time), to),
            Order::Advance(until, to) => (run.advance(&until, interrupt), to),
            Order::GoOnWith(scenario, at, to) => (run.go_on_with(scenario, at, interrupt), to),
            Order::Renew(scenario, to) => (run.renew(scenario).map(|()| Reached::Time), to),
        };
        let reached = failed.take().map_or(reached, Err);
        let _ = to.send(reached.map(|reached| (reached, run.news())));
    }
}

impl<'s> Run<'s> {
    fn news(&mut self) -> News {
        News {
            now: self.steered.now(),
            events: std::mem::take(&mut self.new.events),
            sayings: std::mem::take(&mut self.sayings),
            blurs: self.steered.blurs().to_vec(),
            energy: self.steered.radio_energy(),
            phones: (1..).map_while(|n| self.steered.phone(n).cloned()).collect(),
            due: self.steered.due(),
        }
    }

    /// Goes on until there is an order, or nobody left who gives any.
    fn wait(&mut self, asked: &mut UnboundedReceiver<Order>) -> Result<Option<Order>, LiveError> {
        let Run { steered, new, sayings, .. } = self;
        let told = &mut |said: &Said| sayings.push(said.clone());
        steered.advance_until(asked.recv(), Listening { observer: new, told })
    }

    fn catch_up(&mut self) -> Result<(), LiveError> {
        let Run { steered, new, sayings, .. } = self;
        let told = &mut |said: &Said| sayings.push(said.clone());
        steered.catch_up(Listening { observer: new, told })
    }

    fn advance(&mut self, until: &Until, interrupt: &AtomicBool) -> Result<Reached, LiveError> {
        let names = &self.scenario.names;
        let mut count = 0;
        let mut seen = |event: &Event| {
            count += 1;
            match until {
                Until::Time(_) => false,
                Until::Events(wanted) => count >= *wanted,
                Until::Event(pattern) => pattern.matches(event, names),
            }
        };
        let to = match until {
            Until::Time(to) => *to,
            Until::Events(_) | Until::Event(_) => Time::NEVER,
        };
        let Run { steered, new, sayings, .. } = self;
        let told = &mut |said: &Said| sayings.push(said.clone());
        steered.advance(to, &mut seen, interrupt, Listening { observer: new, told })
    }

    fn renew(&mut self, scenario: Arc<Scenario>) -> Result<(), LiveError> {
        let scenario = self.shelf.put(scenario);
        self.steered.go_on_with(scenario)?;
        self.scenario = scenario;
        Ok(())
    }

    fn go_on_with(
        &mut self,
        scenario: Arc<Scenario>,
        at: Time,
        interrupt: &AtomicBool,
    ) -> Result<Reached, LiveError> {
        self.renew(scenario)?;
        self.advance(&Until::Time(at), interrupt)
    }
}
