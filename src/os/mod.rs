//! iOS rules: lifecycle, leases, keep-alive, streams, kills, relaunch, sleep.
