//  GET /status and GET /metrics: for who watches the server, on this machine only. The front end sees to that.

import CoreMetrics
import Events
import HTTPMessage
import HTTPTypes
import JSON
import SQLiteStore

/// Answers what is not part of the API. Nothing that it says is secret or of an account.
struct Monitor: Sendable {
    static let statusTarget = "/status"

    let store: SQLiteStore
    let metrics: PrometheusMetrics
    /// Who reads events; nil if nobody can.
    let events: EventServer?
    let limits: @Sendable () -> HealthLimits

    /// Returns nil for requests of the API.
    func response(to request: Request) -> Response? {
        guard request.target.count < 16, request.method == .get || request.method == .head else { return nil }
        switch String(decoding: request.target, as: UTF8.self) {
        case Self.statusTarget: return status()
        case "/metrics": return numbers()
        default: return nil
        }
    }

    private func status() -> Response {
        let health = Health(of: store, limits: limits(), now: Application.now())
        let checks = health.checks.map { ($0.name, JSON.string($0.problem ?? "ok")) }
        let body: JSON = [
            "status": .string(health.isReady ? "ready" : "not ready"), "checks": .object(JSONObject(checks)),
        ]
        return Self.response(health.isReady ? .ok : .serviceUnavailable, "application/json", body.text() + "\n")
    }

    private func numbers() -> Response {
        let statistics = store.statistics
        for (name, value) in [
            ("commits", statistics.commits), ("syncs", statistics.syncs), ("refusals", statistics.refusals),
            ("checkpoints", statistics.checkpoints), ("cache_hits", statistics.cacheHits),
            ("cache_misses", statistics.cacheMisses),
        ] { Counter(label: "jackfield_store_\(name)_total").raise(to: Int64(value)) }
        let sizes = store.reader.sizes
        for (name, value) in [
            ("store_waiting_writes", statistics.waiting), ("store_cached_bytes", statistics.cachedBytes),
            ("store_database_bytes", sizes.database), ("store_log_bytes", sizes.log), ("disk_free_bytes", sizes.free),
            ("store_read_only", statistics.isReadOnly ? 1 : 0), ("disk_full", statistics.isShortOfSpace ? 1 : 0),
        ] { Meter(label: "jackfield_\(name)").set(value) }
        let backlog = try? store.reader.backlog()
        Meter(label: "jackfield_outbox_waiting_events").set(backlog?.events ?? 0)
        let age = backlog.map { max(0, Application.now() - $0.since) } ?? 0
        Meter(label: "jackfield_outbox_oldest_seconds").set(age)
        for consumer in (try? events?.consumers()) ?? [] {
            let dimensions = [("consumer", consumer.name)]
            Counter(label: "jackfield_outbox_acknowledged_total", dimensions: dimensions)
                .raise(to: consumer.acknowledged)
            Meter(label: "jackfield_outbox_lag_events", dimensions: dimensions).set(consumer.lag)
            Counter(label: "jackfield_outbox_failures_total", dimensions: dimensions)
                .raise(to: Int64(consumer.failures.count))
        }
        return Self.response(.ok, "text/plain; version=0.0.4; charset=utf-8", metrics.text)
    }

    private static func response(_ status: HTTPResponse.Status, _ type: String, _ text: String) -> Response {
        Response(
            status: status,
            fields: [.contentType: type, .cacheControl: "no-store"],
            body: .bytes(Array(text.utf8))
        )
    }
}

extension Counter {
    /// Makes a count of somebody else's its own.
    fileprivate func raise(to count: Int64) {
        reset()
        increment(by: count)
    }
}
