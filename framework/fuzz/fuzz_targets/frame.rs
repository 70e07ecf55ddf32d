//! What a worker writes into its pipe.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smbench_core::frame;
use smbench_core::message::{Reply, Request};

fuzz_target!(|body: &[u8]| {
    let frame = [&(body.len() as u32).to_le_bytes(), body].concat();
    let _ = frame::read::<Request>(&mut &*frame);
    if let Ok(Some(Reply::Launched(launch))) = frame::read(&mut &*frame)
        && launch.is_of(&[0, 1])
        && let (Some(first), Some(second)) = (launch.of(0), launch.of(1))
    {
        second.log_ratios(first);
    }
});
