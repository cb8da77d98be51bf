#![no_main]
#![doc = "libFuzzer's program for the target `definitions`."]

libfuzzer_sys::fuzz_target!(init: sitewright_fuzz::in_one_thread(), |input: &[u8]| {
    sitewright_fuzz::definitions::run(input);
});
