//  Tells webhooks of changes: in order for each, at least once, and no slow one delays another.
//
//  Two threads. The reader follows the outbox and puts each event into the lanes of the hooks that want it. The sender
//  has one request in flight for each lane that is not empty, all of them on one thread, and notes what became of them.
//  The consumer's place in the outbox is before the first event that any lane has left to do; how far each hook has come
//  is known from its attempts, so that a relay that begins again repeats little.

import DocumentStore
import Glibc
import JSON
import Synchronization

/// When a request is sent again, and when a hook is given up.
package struct WebhookSettings: Sendable {
    package var policy = NetworkPolicy()
    package var limits = TransferLimits()
    /// Milliseconds before the first retry; each further one comes after four times as long.
    package var retryDelay = 2_000
    /// How many events in a row may be given up, each after its retries, until the hook is disabled.
    package var givenUpLimit = 5
    /// How many events may wait for one hook until it is disabled.
    package var laneLimit = 10_000
    /// How many requests are in flight at once.
    package var concurrency = 400
    /// How many of them are one account's, so that receivers who take their time hold up nobody but their own account.
    package var accountConcurrency = 50

    package init() {}

    /// The longest delay before a retry, in milliseconds.
    static let longestDelay = 300_000

    /// Milliseconds to wait after an attempt, counted from 1, has failed; never for all at the same moment.
    func delay(after attempt: Int) -> Int {
        let (product, isTooLarge) = max(1, retryDelay).multipliedReportingOverflow(by: 1 << min(2 * (attempt - 1), 40))
        let longest = isTooLarge ? Self.longestDelay : min(product, Self.longestDelay)
        return Int.random(in: (longest + 1) / 2...longest)
    }
}

package final class WebhookConsumer: Sendable {
    private let context: ConsumerContext
    private let settings: WebhookSettings
    private let clock: @Sendable () -> Int64
    private let bell = Doorbell()
    /// Held for the lists only.
    private let inbox = Mutex(Inbox())

    /// What the reader has found and the sender has not taken.
    private struct Inbox {
        /// The hooks that are on, if they have been asked for again.
        var hooks: [Hook]?
        var wanted: [(hook: String, event: RecordedEvent)] = []
        /// How far the outbox has been read; nil before the first event.
        var cursor: Int64?
        /// How many events lie in lanes.
        var inLanes = 0
    }

    /// - Parameter clock: gives Unix seconds.
    package init(
        _ context: ConsumerContext,
        settings: WebhookSettings = WebhookSettings(),
        clock: @escaping @Sendable () -> Int64
    ) {
        self.context = context
        self.settings = settings
        self.clock = clock
    }

    // MARK: The reader

    private static let batch = 500
    /// How many events may wait for hooks, all together, before the outbox is read on.
    private static let readAheadLimit = 50_000

    /// Reads until the context's `stop`; for a thread of its own.
    package func runReader() {
        // Read on where the lanes end, also when the application was gone for a while.
        var cursor: Int64?
        context.again { client, isWell in
            var hooks = try refresh(client)
            // A backup was restored: the outbox begins again before what is known of it.
            if let known = cursor, try (client.status()["last"]?.int ?? 0) < known { cursor = nil }
            while true {
                while inbox.withLock({ $0.wanted.count + $0.inLanes }) > Self.readAheadLimit {
                    if context.stop.wait(milliseconds: 100) { return }
                }
                let batch = try context.read(client, after: cursor, limit: Self.batch, seconds: 10)
                isWell()
                for recorded in batch.events {
                    let ancestors = batch.ancestors[recorded.event.scope.text] ?? []
                    let wanted = hooks.filter { $0.wants(recorded, ancestors: ancestors) }
                    inbox.withLock { inbox in
                        inbox.wanted += wanted.map { ($0.id, recorded) }
                        inbox.cursor = recorded.sequence
                    }
                    if recorded.event.type == "webhook" { hooks = try refresh(client) }
                    cursor = recorded.sequence
                }
                if !batch.events.isEmpty { bell.ring() }
            }
        }
        bell.ring()
    }

    private func refresh(_ client: EventClient) throws -> [Hook] {
        let hooks = try client.hooks()
        inbox.withLock { $0.hooks = hooks }
        bell.ring()
        return hooks
    }

    // MARK: The sender

    /// Sends until the context's `stop`; for a thread of its own.
    package func runSender() {
        let sender = WebhookSender(settings: settings, clock: clock)
        let reporter = WebhookReporter(context)
        while !context.stop.isRaised {
            let (hooks, wanted, cursor) = inbox.withLock { inbox in
                defer {
                    inbox.hooks = nil
                    inbox.wanted = []
                }
                return (inbox.hooks, inbox.wanted, inbox.cursor)
            }
            if let hooks { sender.replace(hooks) }
            for (hook, event) in wanted { sender.append(event, to: hook) }
            sender.advance()
            let waiting = sender.waiting
            inbox.withLock { $0.inLanes = waiting }
            let delay = reporter.report(sender.takeAttempts(), settled: sender.settled(through: cursor))
            sender.wait(milliseconds: delay, orFor: [bell.descriptor, context.stop.descriptor])
            bell.clear()
        }
        // What was delivered is not to be delivered again by the next process.
        reporter.report(sender.takeAttempts(), settled: nil, atOnce: true)
    }
}

/// The lanes and the requests in flight, for one thread.
final class WebhookSender {
    private struct Lane {
        var hook: Hook
        var queue: ArraySlice<RecordedEvent> = []
        /// The number of the next attempt of the first event.
        var attempt = 1
        var due = ContinuousClock.now
        /// The number of the transfer in flight.
        var transfer: Int?
        /// How many events in a row were given up.
        var givenUp = 0
        var isDisabled = false
    }

    private let settings: WebhookSettings
    private let clock: @Sendable () -> Int64
    private let transfers: HTTPTransfers
    private var lanes: [String: Lane] = [:]
    private var attempts: [Attempt] = []
    private var lastTransfer = 0
    /// The hooks and their accounts by the numbers of their transfers.
    private var inFlight: [Int: (hook: String, account: String)] = [:]
    /// When the next lane can start that waits for its time only; nil if there is none, or no room for it.
    private var nextDue: ContinuousClock.Instant?

    init(settings: WebhookSettings, clock: @escaping @Sendable () -> Int64) {
        self.settings = settings
        self.clock = clock
        transfers = HTTPTransfers(policy: settings.policy, limits: settings.limits)
    }

    /// How many events lie in lanes.
    var waiting: Int { lanes.values.reduce(0) { $0 + $1.queue.count } }

    /// Takes the hooks as they are now. One that is gone or was enabled again begins anew.
    func replace(_ hooks: [Hook]) {
        var next: [String: Lane] = [:]
        for hook in hooks {
            let known = lanes[hook.id].flatMap { $0.isDisabled && $0.hook.since != hook.since ? nil : $0 }
            next[hook.id] = known ?? Lane(hook: hook)
            next[hook.id]?.hook = hook
        }
        lanes = next
    }

    func append(_ event: RecordedEvent, to id: String) {
        guard var lane = lanes[id], !lane.isDisabled else { return }
        lane.queue.append(event)
        lanes[id] = lane
        guard lane.queue.count > settings.laneLimit, let first = lane.queue.first else { return }
        let reason = "more than \(settings.laneLimit) events wait for it"
        disable(id, because: reason, at: first, failure: reason, status: nil)
    }

    /// Takes what has ended and begins what is due.
    func advance() {
        for (number, outcome) in transfers.advance() {
            guard let id = inFlight.removeValue(forKey: number)?.hook, lanes[id]?.transfer == number else { continue }
            finish(id, outcome)
        }
        let now = ContinuousClock.now
        nextDue = nil
        for (id, lane) in startable() {
            guard transfers.count < settings.concurrency, let event = lane.queue.first else { return }
            guard lane.due <= now else {
                nextDue = lane.due
                return
            }
            lastTransfer += 1
            lanes[id]?.transfer = lastTransfer
            inFlight[lastTransfer] = (id, lane.hook.account)
            transfers.begin(
                HookRequest(event, to: lane.hook, attempt: lane.attempt, time: clock()),
                number: lastTransfer
            )
        }
    }

    /// The lanes that wait for nothing but their time: who has waited longest first, and of each account only as many as
    /// its share has room for.
    private func startable() -> [(id: String, lane: Lane)] {
        var room: [String: Int] = [:]
        for (_, account) in inFlight.values { room[account, default: settings.accountConcurrency] -= 1 }
        return lanes.filter { $0.value.transfer == nil && !$0.value.queue.isEmpty }
            .sorted { $0.value.due < $1.value.due }
            .compactMap { id, lane in
                let left = room[lane.hook.account, default: settings.accountConcurrency]
                guard left > 0 else { return nil }
                room[lane.hook.account] = left - 1
                return (id, lane)
            }
    }

    private func finish(_ id: String, _ outcome: TransferOutcome) {
        guard var lane = lanes[id], let event = lane.queue.first else { return }
        lane.transfer = nil
        guard let failure = outcome.failure else {
            attempts.append(attempt(lane, event, status: outcome.status))
            lane.givenUp = 0
            settleFirst(&lane)
            lanes[id] = lane
            return
        }
        let retriesLeft = max(0, lane.hook.retries + 1 - lane.attempt)
        if retriesLeft > 0 {
            attempts.append(
                attempt(lane, event, failure: failure, status: outcome.status, retriesLeft: retriesLeft)
            )
            lane.due = .now + .milliseconds(settings.delay(after: lane.attempt))
            lane.attempt += 1
            lanes[id] = lane
            return
        }
        lane.givenUp += 1
        lanes[id] = lane
        if lane.givenUp >= settings.givenUpLimit {
            let reason = "\(lane.givenUp) events in a row could not be delivered; the last time: \(failure)"
            disable(id, because: reason, at: event, failure: failure, status: outcome.status)
            return
        }
        attempts.append(attempt(lane, event, failure: failure, status: outcome.status))
        settleFirst(&lane)
        lanes[id] = lane
    }

    private func settleFirst(_ lane: inout Lane) {
        lane.queue.removeFirst()
        lane.attempt = 1
        lane.due = .now
    }

    private func disable(
        _ id: String,
        because reason: String,
        at event: RecordedEvent,
        failure: String,
        status: Int?
    ) {
        guard var lane = lanes[id] else { return }
        var attempt = attempt(lane, event, failure: failure, status: status)
        attempt.disabling = reason
        attempts.append(attempt)
        lane.queue = []
        lane.isDisabled = true
        lanes[id] = lane
    }

    private func attempt(
        _ lane: Lane,
        _ event: RecordedEvent,
        failure: String? = nil,
        status: Int?,
        retriesLeft: Int = 0
    ) -> Attempt {
        Attempt(
            hook: lane.hook.id,
            account: lane.hook.account,
            eventID: event.event.id,
            eventName: event.event.name,
            sequence: event.sequence,
            number: lane.attempt,
            time: clock(),
            failure: failure,
            status: status,
            retriesLeft: retriesLeft
        )
    }

    /// The attempts since the last call.
    func takeAttempts() -> [Attempt] {
        defer { attempts = [] }
        return attempts
    }

    /// The sequence up to which nothing is left to do.
    ///
    /// - Parameter cursor: up to where the outbox has been read; nil if it has not.
    func settled(through cursor: Int64?) -> Int64? {
        guard let cursor else { return nil }
        return lanes.values.compactMap { $0.queue.first?.sequence }.min().map { min($0 - 1, cursor) } ?? cursor
    }

    /// Waits until there is something to do that there was not when it last advanced, at most `milliseconds`.
    func wait(milliseconds: Int, orFor descriptors: [Int32]) {
        let delay = nextDue.map { (($0 - .now) / .milliseconds(1)).rounded(.up) }
        transfers.wait(
            milliseconds: min(milliseconds, delay.map { Int(max(0, min($0, 3_600_000))) } ?? milliseconds),
            orFor: descriptors
        )
    }
}

extension TransferOutcome {
    /// Why the receiver has not taken the event; nil if it has.
    fileprivate var failure: String? {
        guard let status else { return error ?? "no answer" }
        switch status {
        case 200..<300: return nil
        case 300..<400: return "the answer has status \(status), and redirections are not followed"
        default: return "the answer has status \(status)"
        }
    }
}

/// Tells the application what became of requests, for one thread. What could not be told is told later.
private final class WebhookReporter {
    private let context: ConsumerContext
    private var client: EventClient?
    private var attempts: [Attempt] = []
    private var acknowledged: Int64 = 0
    private var due = ContinuousClock.now
    private var backoff = Backoff(first: 100, limit: 2_000)

    /// Milliseconds between two reports: several attempts share the sync of one.
    private static let pause = 100
    private static let batch = 500

    init(_ context: ConsumerContext) { self.context = context }

    /// - Parameter settled: up to where the outbox is done with, the new attempts included.
    /// - Returns: after how many milliseconds it wants to be called again.
    @discardableResult
    func report(_ new: [Attempt], settled: Int64?, atOnce: Bool = false) -> Int {
        attempts += new
        let isNeeded = !attempts.isEmpty || settled.map { $0 > acknowledged } ?? false
        guard isNeeded else { return 60_000 }
        let rest = (due - .now) / .milliseconds(1)
        guard rest <= 0 || atOnce else { return Int(rest.rounded(.up)) }
        do {
            let client = if let client { client } else { try EventClient(context.socket, stop: context.stop) }
            self.client = client
            while !attempts.isEmpty {
                try client.report(Array(attempts.prefix(Self.batch)))
                attempts.removeFirst(min(Self.batch, attempts.count))
            }
            if let settled, settled > acknowledged {
                try context.acknowledge(settled, client)
                acknowledged = settled
            }
            backoff.reset()
            due = .now + .milliseconds(Self.pause)
            return Self.pause
        } catch {
            // The reader says so in the log.
            client = nil
            let delay = backoff.delay()
            due = .now + .milliseconds(delay)
            return delay
        }
    }
}
