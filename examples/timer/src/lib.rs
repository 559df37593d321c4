//! A timer: the smallest library with calls, delays, errors and events.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use gangplank::Events;

gangplank::library!();

/// How a timer is set up.
#[gangplank::record]
pub struct TimerConfig {
    /// Shown in every reply.
    pub name: String,
}

/// What to echo, and when.
#[gangplank::record]
pub struct EchoRequest {
    /// The text to send back.
    pub message: String,
    /// How long to wait before answering, in milliseconds; 0 or less: not at all.
    pub delay_ms: i64,
}

/// The answer to an [`EchoRequest`].
#[gangplank::record]
pub struct EchoResponse {
    /// The request's message.
    pub echoed: String,
    /// Name of the timer that answered.
    pub timer_name: String,
}

/// Published after every echo.
#[gangplank::record]
pub struct EchoEvent {
    /// The message that was echoed.
    pub message: String,
    /// How many echoes the timer has answered, this one included.
    pub echo_count: i64,
}

/// Several messages in one request, with options.
#[gangplank::record]
pub struct ComplexRequest {
    /// Messages to count.
    pub messages: Vec<EchoRequest>,
    /// Labels; they only travel.
    pub tags: Vec<String>,
    /// A remark for the summary.
    pub note: Option<String>,
    /// How often to retry.
    pub retries: Option<i64>,
}

/// What a [`ComplexRequest`] amounted to.
#[gangplank::record]
pub struct ComplexResponse {
    /// The request in one sentence.
    pub summary: String,
    /// Number of messages.
    pub item_count: i64,
    /// Whether there was a note.
    pub has_note: bool,
}

/// A job to schedule.
#[gangplank::record]
pub struct JobSpec {
    /// Name of the job; not empty.
    pub name: String,
    /// Arguments of the job.
    pub payload: Vec<String>,
    /// Higher runs first.
    pub priority: i64,
}

/// What happens when a job fails.
#[gangplank::record]
pub struct RetryPolicy {
    /// How often a job is tried; positive.
    pub max_attempts: i64,
    /// Pause between attempts, in milliseconds.
    pub backoff_ms: i64,
    /// Names of the errors that are worth another attempt.
    pub retry_on: Vec<String>,
}

/// When a job runs.
#[gangplank::record]
pub struct ScheduleConfig {
    /// Start, in milliseconds since 1970-01-01 00:00 UTC.
    pub start_at_ms: i64,
    /// Pause between runs, in milliseconds; 0 or less: one run.
    pub interval_ms: i64,
    /// Added to the start, in milliseconds.
    pub jitter: Option<i64>,
}

/// A job that was scheduled.
#[gangplank::record]
pub struct ScheduleResult {
    /// `<timer>:<job>`.
    pub job_id: String,
    /// How often the job runs within the first minute.
    pub will_run_count: i64,
    /// First run, in milliseconds since 1970-01-01 00:00 UTC.
    pub first_run_at_ms: i64,
    /// Pause between attempts, in milliseconds.
    pub effective_backoff_ms: i64,
}

/// Why a job cannot be scheduled.
#[gangplank::error]
pub enum ScheduleError {
    /// job name must not be empty
    EmptyJobName,
    /// max attempts must be positive, not {value}
    BadMaxAttempts {
        /// What was asked for.
        value: i64,
    },
}

/// What a timer tells its listeners.
#[gangplank::events]
pub trait TimerEvents {
    /// An echo was answered.
    fn echo_fired(&self, event: EchoEvent);
}

/// A running timer.
pub struct Timer {
    config: TimerConfig,
    echoes: AtomicI64,
    events: Events<dyn TimerEvents>,
}

#[gangplank::object]
impl Timer {
    /// Starts a timer.
    #[gangplank(constructor)]
    pub async fn create(config: TimerConfig, events: Events<dyn TimerEvents>) -> Timer {
        Timer {
            config,
            echoes: AtomicI64::new(0),
            events,
        }
    }

    /// Name and version of the library.
    pub fn version(&self) -> String {
        format!("gangplank-timer v{}", env!("CARGO_PKG_VERSION"))
    }

    /// Answers after `request.delay_ms` milliseconds.
    pub async fn echo(&self, request: EchoRequest) -> EchoResponse {
        if let Ok(delay @ 1..) = u64::try_from(request.delay_ms) {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        let echo_count = self.echoes.fetch_add(1, Ordering::Relaxed) + 1;
        self.events.echo_fired(EchoEvent {
            message: request.message.clone(),
            echo_count,
        });
        EchoResponse {
            echoed: request.message,
            timer_name: self.config.name.clone(),
        }
    }

    /// Summarizes a request that has everything in it.
    pub async fn complex(&self, request: ComplexRequest) -> ComplexResponse {
        let count = request.messages.len();
        let note = request.note.as_deref().unwrap_or("<none>");
        let retries = request.retries.unwrap_or(0);
        ComplexResponse {
            summary: format!("received {count} messages, note={note}, retries={retries}"),
            item_count: i64::try_from(count).unwrap_or(i64::MAX),
            has_note: request.note.is_some(),
        }
    }

    /// Schedules `job`.
    pub async fn schedule(
        &self,
        job: JobSpec,
        retry: RetryPolicy,
        schedule: ScheduleConfig,
    ) -> Result<ScheduleResult, ScheduleError> {
        if job.name.is_empty() {
            return Err(ScheduleError::EmptyJobName);
        }
        if retry.max_attempts <= 0 {
            return Err(ScheduleError::BadMaxAttempts {
                value: retry.max_attempts,
            });
        }
        let runs = if schedule.interval_ms > 0 {
            (60_000 / schedule.interval_ms).max(1)
        } else {
            1
        };
        Ok(ScheduleResult {
            job_id: format!("{}:{}", self.config.name, job.name),
            will_run_count: runs,
            first_run_at_ms: schedule
                .start_at_ms
                .saturating_add(schedule.jitter.unwrap_or(0)),
            effective_backoff_ms: retry.backoff_ms,
        })
    }
}
