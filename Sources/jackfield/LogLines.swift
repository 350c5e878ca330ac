//  Log lines: one JSON object each, on standard error.

import Gateway
import Glibc
import JSON
import Logging
import Synchronization

/// What an operator sets about the log; a reload changes it.
final class LogSettings: Sendable {
    private let state: Mutex<(level: Logger.Level, slowRequest: Duration)>

    init(_ settings: Settings) { state = Mutex((settings.logLevel, settings.slowRequest)) }

    func set(_ settings: Settings) { state.withLock { $0 = (settings.logLevel, settings.slowRequest) } }

    var level: Logger.Level { state.withLock { $0.level } }
    var slowRequest: Duration { state.withLock { $0.slowRequest } }
}

/// Writes what swift-log gives it.
struct LogLines: LogHandler {
    let label: String
    let settings: LogSettings
    var metadata: Logger.Metadata = [:]
    /// A logger's own level, if it has one.
    private var ownLevel: Logger.Level?

    init(label: String, settings: LogSettings) {
        self.label = label
        self.settings = settings
    }

    var logLevel: Logger.Level {
        get { ownLevel ?? settings.level }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        Self.write(level: event.level, "\(event.message)", all.mapValues { "\($0)" })
    }

    /// Writes one line.
    static func write(level: Logger.Level, _ message: String, _ details: [String: String] = [:]) {
        line(level: level, message) { writer in
            for (name, value) in details.sorted(by: { $0.key < $1.key }) {
                writer.key(name)
                writer.string(value)
            }
        }
    }

    /// Writes one line whose further members `body` adds; one system call, so that lines of threads do not mix.
    static func line(level: Logger.Level, _ message: String, _ body: (inout JSONWriter) -> Void) {
        var writer = JSONWriter(reservingCapacity: 256)
        writer.beginObject()
        writer.key("time")
        writer.string(timestamp(Application.now()))
        writer.key("level")
        writer.string(level.rawValue)
        writer.key("message")
        writer.string(message)
        body(&writer)
        writer.endObject()
        let line = (isReadByJournal ? Array("<\(priority(of: level))>".utf8) : []) + writer.bytes + [UInt8(ascii: "\n")]
        _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

extension LogLines {
    /// Whether the journal reads standard error. It takes a line's priority from its beginning and cuts that off.
    ///
    /// Source: JOURNAL_STREAM in systemd.exec(5), sd-daemon(3).
    private static let isReadByJournal: Bool = {
        var status = stat()
        guard let stream = getenv("JOURNAL_STREAM"), fstat(STDERR_FILENO, &status) == 0 else { return false }
        return String(cString: stream) == "\(status.st_dev):\(status.st_ino)"
    }()

    /// Source: RFC 5424 §6.2.1, severities.
    private static func priority(of level: Logger.Level) -> Int {
        switch level {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }
}

/// One line a request, and its numbers.
struct AccessLog: Sendable {
    private let settings: LogSettings
    private let metrics = RequestMetrics()

    init(_ settings: LogSettings) { self.settings = settings }

    @Sendable func record(_ observation: Observation) {
        metrics.record(observation)
        let isSlow = observation.duration >= settings.slowRequest
        let level: Logger.Level = observation.fault != nil ? .error : isSlow ? .warning : .info
        guard level >= settings.level else { return }
        LogLines.line(level: level, isSlow ? "slow request" : "request") { writer in
            Self.member(&writer, "request_id", observation.requestID)
            Self.member(&writer, "sent_verb", observation.sentMethod)
            Self.member(&writer, "verb", observation.method)
            Self.member(&writer, "endpoint", observation.endpoint)
            if let account = observation.account { Self.member(&writer, "account_id", account) }
            if let user = observation.user { Self.member(&writer, "user_id", user) }
            Self.member(&writer, "status", observation.status)
            Self.member(&writer, "bytes", observation.size)
            Self.member(&writer, "microseconds", Int(observation.duration / .microseconds(1)))
            if isSlow {
                for (step, duration) in observation.steps {
                    Self.member(&writer, "\(step)_microseconds", Int(duration / .microseconds(1)))
                }
            }
            if let fault = observation.fault { Self.member(&writer, "fault", fault) }
        }
    }

    private static func member(_ writer: inout JSONWriter, _ name: String, _ text: String) {
        writer.key(name)
        writer.string(text)
    }

    private static func member(_ writer: inout JSONWriter, _ name: String, _ number: Int) {
        writer.key(name)
        writer.int(number)
    }
}
