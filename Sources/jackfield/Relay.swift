//  jackfield relay: from the events socket to the message queue, to webhooks and to reload requests.

import ArgumentParser
import Events
import Foundation
import Glibc
import Logging

struct RunRelay: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay",
        abstract: "Delivers the server's events until SIGTERM: to RabbitMQ, to webhooks, and as reload requests.",
        discussion: """
            It needs a network and the server's events socket, but neither its documents nor its keys. Every event is \
            delivered at least once, in order, also when this process, the server or the broker is killed in between.
            """
    )

    @OptionGroup var events: EventsOption

    @Option(help: ArgumentHelp("The broker: amqp[s]://[user@]host[:port][/vhost].", valueName: "address"))
    var amqp: String?

    @Option(help: ArgumentHelp("The file with the password for the broker.", valueName: "file"))
    var amqpPasswordFile: String?

    @Option(help: ArgumentHelp("The topic exchange; made if it is not there.", valueName: "name"))
    var exchange = "jackfield"

    @Option(help: ArgumentHelp("The authorities of the broker's certificate, if not the system's.", valueName: "file"))
    var amqpAuthorities: String?

    @Flag(help: "Tell webhooks.")
    var webhooks = false

    @Option(
        name: .customLong("allow-network"),
        help: ArgumentHelp(
            "Let webhooks reach these private or local addresses: 10.1.0.0/16; can be given several times.",
            valueName: "network"
        )
    )
    var allowed: [String] = []

    @Option(help: ArgumentHelp("Milliseconds before a webhook's first retry.", valueName: "number"))
    var retryDelay = 2_000

    @Option(
        help: ArgumentHelp("The directory of reload requests, such as /run/jackfield/reload.", valueName: "directory")
    )
    var reload: String?

    func validate() throws {
        guard amqp != nil || webhooks || reload != nil else {
            throw ValidationError("Say what to deliver: --amqp, --webhooks, --reload.")
        }
        guard (1...3_600_000).contains(retryDelay) else { throw ValidationError("--retry-delay is 1 to 3600000.") }
        _ = try networks()
        if let amqp, Broker(amqp) == nil {
            throw ValidationError(
                "--amqp is amqp[s]://[user@]host[:port][/vhost]; a password goes into --amqp-password-file."
            )
        }
    }

    func run() throws {
        let signals = Signals()
        let stop = Stop()
        let settings = Relay.Settings(
            socket: events.path,
            broker: try broker(),
            webhooks: webhooks ? try webhookSettings() : nil,
            reload: reload
        )
        signals.handle(stop: { stop.raise() })
        LogLines.write(level: .info, "relaying", ["events": events.path])
        Relay(settings, stop: stop) { LogLines.write(level: .warning, $0) }.run()
        LogLines.write(level: .info, "stopped")
    }

    private func broker() throws -> Broker? {
        guard let amqp, var broker = Broker(amqp) else { return nil }
        broker.exchange = exchange
        broker.authorities = amqpAuthorities
        if let amqpPasswordFile {
            guard let text = try? String(contentsOfFile: amqpPasswordFile, encoding: .utf8) else {
                throw Failure("\(amqpPasswordFile) cannot be read; it is to hold the password for the broker.")
            }
            broker.password = text.trimmingCharacters(in: .newlines)
        }
        return broker
    }

    private func webhookSettings() throws -> WebhookSettings {
        var settings = WebhookSettings()
        settings.policy = NetworkPolicy(allowing: try networks())
        settings.retryDelay = retryDelay
        return settings
    }

    private func networks() throws -> [Network] {
        try allowed.map { text in
            guard let network = Network(text) else { throw ValidationError("\(text) is no network like 10.1.0.0/16.") }
            return network
        }
    }
}
