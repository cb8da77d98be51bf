//! The program: arguments in, exit code out.

use clap::Parser as _;
use sitewright_reconciler::arguments::{Arguments, LogFormat};
use sitewright_reconciler::run::run;
use std::error::Error;
use std::process::ExitCode;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = log(&arguments).and_then(|()| {
        // One thread: the work is to wait and to read JSON, and a second thread costs memory.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(start(&arguments))
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error, "cannot start");
            ExitCode::FAILURE
        }
    }
}

fn log(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let level: Result<Targets, _> = arguments.log_level.parse();
    let filter = level.as_ref().cloned().unwrap_or_else(|_| {
        Targets::new().with_default(tracing_subscriber::filter::LevelFilter::INFO)
    });
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let layer = match arguments.log_format {
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
        LogFormat::Text => layer.boxed(),
    };
    tracing_subscriber::registry().with(layer.with_filter(filter)).init();
    level.map(|_| ()).map_err(|error| format!("--log-level: {error}").into())
}

async fn start(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let mut config = kube::Config::infer().await?;
    // The patcher and the watches wait by themselves, and each site on its own.
    config.default_retry = false;
    let client = kube::Client::try_from(config)?;
    let listener = TcpListener::bind(arguments.listen).await?;
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let shutdown = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    run(client, arguments.options(), listener, shutdown).await;
    Ok(())
}
