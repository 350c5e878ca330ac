//  The relay: one consumer for the message queue, one for webhooks, one for reload requests, each on threads of its own,
//  so that one that fails does not stop the others.

import DocumentStore
import Foundation
import Glibc

/// Delivers events until it is stopped.
package struct Relay: Sendable {
    /// What is to be delivered where; nil for not at all.
    package struct Settings: Sendable {
        /// The path of the events socket.
        package var socket: String
        package var broker: Broker?
        package var webhooks: WebhookSettings?
        /// The directory of reload requests.
        package var reload: String?

        package init(socket: String, broker: Broker?, webhooks: WebhookSettings?, reload: String?) {
            self.socket = socket
            self.broker = broker
            self.webhooks = webhooks
            self.reload = reload
        }
    }

    private let settings: Settings
    private let stop: Stop
    private let clock: @Sendable () -> Int64
    private let log: @Sendable (String) -> Void
    private let holder = DocumentID.random().text

    /// - Parameters:
    ///   - stop: ends `run`.
    ///   - clock: gives Unix seconds.
    ///   - log: takes a sentence for the log, on any thread.
    package init(
        _ settings: Settings,
        stop: Stop,
        clock: @escaping @Sendable () -> Int64 = { Int64(time(nil)) },
        log: @escaping @Sendable (String) -> Void
    ) {
        self.settings = settings
        self.stop = stop
        self.clock = clock
        self.log = log
    }

    /// Delivers, and returns after `stop` when nothing is in flight any more.
    package func run() {
        // librabbitmq writes to a broker that may have gone.
        signal(SIGPIPE, SIG_IGN)
        let group = DispatchGroup()
        func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
            group.enter()
            let thread = Thread {
                body()
                group.leave()
            }
            thread.name = name
            thread.stackSize = 1 << 20
            thread.start()
        }
        if let broker = settings.broker {
            start("amqp") { AMQPConsumer(context("amqp"), broker: broker).run() }
        }
        if let directory = settings.reload {
            start("reload") { ReloadConsumer(context("reload"), directory: directory).run() }
        }
        if let webhooks = settings.webhooks {
            let consumer = WebhookConsumer(context("webhooks"), settings: webhooks, clock: clock)
            start("webhook reader") { consumer.runReader() }
            start("webhooks") { consumer.runSender() }
        }
        group.wait()
    }

    private func context(_ name: String) -> ConsumerContext {
        ConsumerContext(name: name, socket: settings.socket, holder: holder, stop: stop, log: log)
    }
}
