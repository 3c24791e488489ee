//! Makes the changes of a script when their time comes.

use super::Proxy;
use super::fault::{Change, Fault, FaultId, FaultSpec, Invalid};
use super::script::{Planned, Script};
use crate::port::Time;

/// Plays `script` from now on, and tells of each change that is made. What its end leaves stays set.
///
/// Faults that others set at the same time stay as they are.
///
/// # Errors
/// [`Invalid`] when the proxy holds as many faults as it can.
pub async fn play(
    proxy: &Proxy,
    script: &Script,
    mut told: impl FnMut(Time, &Planned),
) -> Result<(), Invalid> {
    let clock = proxy.clock();
    let start = clock.now();
    let mut set: Vec<(FaultId, Fault)> = Vec::new();
    for planned in &script.planned {
        clock.sleep_until(start + planned.at.elapsed()).await;
        change(proxy, &mut set, planned)?;
        told(clock.now(), planned);
    }
    clock.sleep_until(start + script.duration).await;
    Ok(())
}

/// Sets what is new, removes what is over, does what is to be done at once, all together.
fn change(
    proxy: &Proxy,
    set: &mut Vec<(FaultId, Fault)>,
    planned: &Planned,
) -> Result<(), Invalid> {
    // Somebody may have removed some through the control API.
    let there: Vec<FaultId> = proxy.faults().iter().map(|fault| fault.id).collect();
    set.retain(|(id, _)| there.contains(id));
    let over = |fault: &Fault| !planned.faults.contains(fault);
    let removed = set.iter().filter(|(_, fault)| over(fault)).map(|(id, _)| Change::Remove(*id));
    let known = |fault: &&Fault| !set.iter().any(|(_, before)| before == *fault);
    let added: Vec<Fault> = planned.faults.iter().filter(known).cloned().collect();
    // What is done at once comes first, so that nothing is refused for want of a number after it.
    let specs = planned.at_once.iter().chain(&added).cloned().map(FaultSpec::from);
    let changes: Vec<Change> = removed.chain(specs.map(Change::Add)).collect();
    let ids = proxy.apply(changes)?;
    set.retain(|(_, fault)| !over(fault));
    set.extend(ids.into_iter().skip(planned.at_once.len()).zip(added));
    Ok(())
}
