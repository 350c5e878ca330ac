//  Metrics as text for Prometheus: the backend of swift-metrics. Source: Prometheus text exposition format 0.0.4.

import CoreMetrics
import Synchronization

/// Keeps every metric that is made, and writes them all.
final class PrometheusMetrics: MetricsFactory, Sendable {
    /// Upper bounds in seconds of the buckets that durations are counted in.
    static let buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private struct Family {
        var type: String
        var series: [String: any Series] = [:]
    }

    /// Held for the dictionary only.
    private let families = Mutex<[String: Family]>([:])

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, "counter", dimensions) { NumberSeries() }
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, "gauge", dimensions) { NumberSeries() }
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        series(label, "gauge", dimensions) { NumberSeries() }
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, "histogram", dimensions) { DurationSeries() }
    }

    // Metrics live as long as the process: what they counted is still true.
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}

    private func series<Kind: Series>(
        _ name: String,
        _ type: String,
        _ dimensions: [(String, String)],
        _ make: () -> Kind
    ) -> Kind {
        let labels = dimensions.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        return families.withLock { families in
            if let known = families[name]?.series[labels] as? Kind { return known }
            let new = make()
            families[name, default: Family(type: type)].series[labels] = new
            return new
        }
    }

    /// All metrics, sorted by name and labels.
    var text: String {
        families.withLock { $0 }.sorted { $0.key < $1.key }.map { name, family in
            "# TYPE \(name) \(family.type)\n"
                + family.series.sorted { $0.key < $1.key }.map { $0.value.lines(name, $0.key) }.joined()
        }.joined()
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}

/// The values of one metric with one set of labels.
private protocol Series: Sendable {
    func lines(_ name: String, _ labels: String) -> String
}

/// A number that is counted up, or set.
private final class NumberSeries: Series, CounterHandler, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func increment(by amount: Int64) { value.withLock { $0 += Double(amount) } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func set(_ new: Int64) { value.withLock { $0 = Double(new) } }
    func set(_ new: Double) { value.withLock { $0 = new } }
    func record(_ new: Int64) { set(new) }
    func record(_ new: Double) { set(new) }
    func reset() { set(Int64(0)) }

    func lines(_ name: String, _ labels: String) -> String {
        "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(number(value.withLock { $0 }))\n"
    }
}

/// Durations, counted in buckets.
private final class DurationSeries: Series, TimerHandler {
    private struct State {
        var counts = [Int](repeating: 0, count: PrometheusMetrics.buckets.count + 1)
        var sum = 0.0
    }

    private let state = Mutex(State())

    func recordNanoseconds(_ duration: Int64) {
        let seconds = Double(duration) / 1e9
        let bucket = PrometheusMetrics.buckets.firstIndex { seconds <= $0 } ?? PrometheusMetrics.buckets.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += seconds
        }
    }

    func lines(_ name: String, _ labels: String) -> String {
        let state = state.withLock { $0 }
        var text = ""
        var count = 0
        for (index, bound) in (PrometheusMetrics.buckets.map(number) + ["+Inf"]).enumerated() {
            count += state.counts[index]
            text += "\(name)_bucket{\(labels.isEmpty ? "" : labels + ",")le=\"\(bound)\"} \(count)\n"
        }
        let braces = labels.isEmpty ? "" : "{\(labels)}"
        return text + "\(name)_sum\(braces) \(number(state.sum))\n\(name)_count\(braces) \(count)\n"
    }
}

/// Whole numbers without a point.
private func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
}
