//  Log lines: one JSON object each, on standard error.

import Gateway
import Glibc
import JSON
import Logging

/// Writes what swift-log gives it.
struct LogLines: LogHandler {
    let label: String
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    init(label: String) { self.label = label }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        Self.write(level: event.level.rawValue, "\(event.message)", all.mapValues { "\($0)" })
    }

    /// Writes one line.
    static func write(level: String, _ message: String, _ details: [String: String] = [:]) {
        line(level: level, message) { writer in
            for (name, value) in details.sorted(by: { $0.key < $1.key }) {
                writer.key(name)
                writer.string(value)
            }
        }
    }

    /// Writes one line whose further members `body` adds; one system call, so that lines of threads do not mix.
    static func line(level: String, _ message: String, _ body: (inout JSONWriter) -> Void) {
        var writer = JSONWriter(reservingCapacity: 256)
        writer.beginObject()
        writer.key("time")
        writer.string(timestamp(Application.now()))
        writer.key("level")
        writer.string(level)
        writer.key("message")
        writer.string(message)
        body(&writer)
        writer.endObject()
        let line = writer.bytes + [UInt8(ascii: "\n")]
        _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

/// One line a request.
enum AccessLog {
    @Sendable static func record(_ observation: Observation) {
        LogLines.line(level: observation.fault == nil ? "info" : "error", "request") { writer in
            member(&writer, "request_id", observation.requestID)
            member(&writer, "sent_verb", observation.sentMethod)
            member(&writer, "verb", observation.method)
            member(&writer, "endpoint", observation.endpoint)
            if let account = observation.account { member(&writer, "account_id", account) }
            if let user = observation.user { member(&writer, "user_id", user) }
            writer.key("status")
            writer.int(observation.status)
            writer.key("bytes")
            writer.int(observation.size)
            writer.key("microseconds")
            writer.int(Int(observation.duration / .microseconds(1)))
            if let fault = observation.fault { member(&writer, "fault", fault) }
        }
    }

    private static func member(_ writer: inout JSONWriter, _ name: String, _ text: String) {
        writer.key(name)
        writer.string(text)
    }
}
