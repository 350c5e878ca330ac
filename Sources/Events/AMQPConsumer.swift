//  Publishes every event to a message queue: at least once, in order, and noted as delivered when the broker has it.

import DocumentStore
import JSON

/// Events as messages of a topic exchange.
package struct AMQPConsumer: Sendable {
    private let context: ConsumerContext
    private let broker: Broker

    package init(_ context: ConsumerContext, broker: Broker) {
        self.context = context
        self.broker = broker
    }

    /// How many messages wait for their confirmation together.
    private static let batch = 500

    /// Works until the context's `stop`.
    package func run() {
        context.again { client, isWell in
            let connection = try AMQPConnection(broker)
            isWell()
            var last: Int64?
            while true {
                let seconds = max(1, broker.heartbeat / 3)
                let events = try context.read(client, after: last, limit: Self.batch, seconds: seconds).events
                guard let sequence = events.last?.sequence else {
                    try connection.tick()
                    continue
                }
                try connection.publish(events.map(\.message))
                try context.acknowledge(sequence, client)
                last = sequence
                isWell()
            }
        }
    }
}

extension RecordedEvent {
    /// The event as a message; its routing key is `config.{account}.{type}.{action}`, with `system` for an account that
    /// there is none of. It has the same id each time that it is sent.
    var message: AMQPMessage {
        let account = event.scope == .system ? "system" : event.scope.text
        let words = ["config", account, event.type, event.action]
        return AMQPMessage(
            // A dot would be one word more.
            routingKey: words.map { $0.replacing(".", with: "_") }.joined(separator: "."),
            identifier: event.id,
            type: event.name,
            time: event.time,
            body: JSON.object(json).bytes()
        )
    }
}
