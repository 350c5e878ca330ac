//  What is counted of requests: how many, how long, and who could log in.

import CoreMetrics
import Gateway
import Synchronization

/// Requests by endpoint, verb and status. An endpoint is the names of the plugins in a path, never an id.
final class RequestMetrics: Sendable {
    private struct Key: Hashable {
        var endpoint: String
        var verb: String
        var status: Int
    }

    private let counters = Mutex<[Key: (requests: Counter, duration: Timer)]>([:])

    func record(_ observation: Observation) {
        let key = Key(endpoint: observation.endpoint, verb: observation.method, status: observation.status)
        let (requests, duration) = counters.withLock { counters in
            if let known = counters[key] { return known }
            let labels = [("endpoint", key.endpoint), ("verb", key.verb)]
            let new = (
                Counter(label: "jackfield_requests_total", dimensions: labels + [("status", "\(key.status)")]),
                Timer(label: "jackfield_request_seconds", dimensions: labels)
            )
            counters[key] = new
            return new
        }
        requests.increment()
        duration.recordNanoseconds(Int64(observation.duration / .nanoseconds(1)))
        if let outcome = Self.login(observation) {
            Counter(label: "jackfield_logins_total", dimensions: [("result", outcome)]).increment()
        }
    }

    /// What became of a login; nil for anything else.
    private static func login(_ observation: Observation) -> String? {
        guard ["user_auth", "api_auth"].contains(observation.endpoint), observation.method == "PUT" else { return nil }
        switch observation.status {
        case 200...299: return "accepted"
        case 401, 403: return "refused"
        case 429: return "throttled"
        default: return nil
        }
    }
}
