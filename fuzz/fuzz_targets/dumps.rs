#![no_main]
#![doc = "libFuzzer's program for the target `dumps`."]

libfuzzer_sys::fuzz_target!(init: sitewright_fuzz::in_one_thread(), |input: &[u8]| {
    sitewright_fuzz::dumps::run(input);
});
