//  What an operator may set about the relay: the broker, the webhooks and the reload requests.

import Events

struct RelaySettings {
    /// Nil if nothing goes to a message queue. Its password is not in it yet.
    var broker: Broker?
    var brokerPasswordFile: String?
    /// Nil if no webhook is told.
    var webhooks: WebhookSettings?
    /// The directory of reload requests; nil if there are none.
    var reload: String?

    init() {}

    /// Reads everything; what is wrong is noted in the reader.
    init(_ reader: SettingsReader) {
        readBroker(reader)
        let isTelling = reader.flag("relay.webhooks", false, "Whether webhooks are told.")
        let settings = Self.webhooks(reader)
        webhooks = isTelling ? settings : nil
        reload = reader.text("relay.reload", "The directory of reload requests, such as /run/jackfield-reload.")
    }

    private mutating func readBroker(_ reader: SettingsReader) {
        let standard = Broker()
        let address = reader.text("relay.amqp", "The broker: amqp[s]://[user@]host[:port][/vhost].")
        brokerPasswordFile = reader.text("relay.amqp_password_file", "The file with the password for the broker.")
        let authorities = reader.text(
            "relay.amqp_authorities",
            "The file of the authorities of the broker's certificate, if not the system's."
        )
        let exchange = reader.text("relay.exchange", "The topic exchange; \(standard.exchange) if it is not said.")
        let heartbeat = reader.number(
            "relay.amqp_heartbeat_seconds",
            1...600,
            standard.heartbeat,
            "s",
            "Time between signs of life of the broker's connection."
        )
        let patience = reader.number(
            "relay.amqp_timeout_seconds",
            1...600,
            standard.patience,
            "s",
            "How long connecting to the broker, and each of its answers, may take."
        )
        guard let address else { return }
        guard var broker = Broker(address) else {
            reader.refuse(
                "relay.amqp",
                "expected amqp[s]://[user@]host[:port][/vhost]; a password goes into relay.amqp_password_file"
            )
            return
        }
        broker.authorities = authorities
        broker.exchange = exchange ?? standard.exchange
        broker.heartbeat = heartbeat
        broker.patience = patience
        self.broker = broker
    }

    private static func webhooks(_ reader: SettingsReader) -> WebhookSettings {
        var settings = WebhookSettings()
        let allowed = reader.texts(
            "relay.allowed_networks",
            "Private or local addresses that webhooks may reach all the same, such as 10.1.0.0/16."
        )
        let networks = allowed.compactMap { text -> Network? in
            let network = Network(text)
            if network == nil { reader.refuse("relay.allowed_networks", "\"\(text)\" is no network like 10.1.0.0/16") }
            return network
        }
        settings.policy = NetworkPolicy(allowing: networks)
        settings.retryDelay = reader.number(
            "relay.webhook_retry_milliseconds",
            1...3_600_000,
            settings.retryDelay,
            "ms",
            "How long after a failure a webhook is told again; four times as long after each further one."
        )
        settings.givenUpLimit = reader.number(
            "relay.webhook_failures",
            1...1_000,
            settings.givenUpLimit,
            "events",
            "How many events in a row may fail for good until a webhook is switched off."
        )
        settings.laneLimit = reader.number(
            "relay.webhook_queue",
            1...1_000_000,
            settings.laneLimit,
            "events",
            "How many events may wait for one webhook until it is switched off."
        )
        settings.concurrency = reader.number(
            "relay.webhook_concurrency",
            1...10_000,
            settings.concurrency,
            "requests",
            "How many webhooks are told at once."
        )
        settings.accountConcurrency = reader.number(
            "relay.webhook_account_concurrency",
            1...10_000,
            settings.accountConcurrency,
            "requests",
            "How many of them are one account's."
        )
        settings.limits.connectTime = reader.number(
            "relay.webhook_connect_milliseconds",
            1...600_000,
            settings.limits.connectTime,
            "ms",
            "How long a connection to a webhook may take to stand."
        )
        settings.limits.time = reader.number(
            "relay.webhook_timeout_milliseconds",
            1...600_000,
            settings.limits.time,
            "ms",
            "How long telling a webhook may take in all."
        )
        return settings
    }
}
