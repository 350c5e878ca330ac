//  jackfield relay: from the events socket to the message queue, to webhooks and to reload requests.

import ArgumentParser
import Configuration
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
            delivered at least once, in order, also when this process, the server or the broker is killed in between. What \
            is not said here is looked for in the settings; `jackfield config` shows them.
            """
    )

    @OptionGroup var events: EventsOption

    @OptionGroup var file: SettingsFileOption

    @Option(help: ArgumentHelp("The broker: amqp[s]://[user@]host[:port][/vhost].", valueName: "address"))
    var amqp: String?

    @Option(help: ArgumentHelp("The file with the password for the broker.", valueName: "file"))
    var amqpPasswordFile: String?

    @Option(help: ArgumentHelp("The topic exchange; made if it is not there.", valueName: "name"))
    var exchange: String?

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
    var retryDelay: Int?

    @Option(
        help: ArgumentHelp("The directory of reload requests, such as /run/jackfield/reload.", valueName: "directory")
    )
    var reload: String?

    func run() throws {
        let (settings, reader) = try file.read(options)
        guard reader.mistakes.isEmpty else { throw Failure(reader.mistakes.joined(separator: "\n")) }
        let relay = settings.relay
        guard relay.broker != nil || relay.webhooks != nil || relay.reload != nil else {
            throw Failure("Say what to deliver: --amqp, --webhooks, --reload, or \"relay\" in the settings file.")
        }
        let signals = Signals()
        let stop = Stop()
        let parts = Relay.Settings(
            socket: events.path,
            broker: try broker(relay),
            webhooks: relay.webhooks,
            reload: relay.reload
        )
        signals.handle(stop: { stop.raise() })
        LogLines.write(level: .info, "relaying", ["events": events.path])
        Relay(parts, stop: stop) { LogLines.write(level: .warning, $0) }.run()
        LogLines.write(level: .info, "stopped")
    }

    private var options: [String: (name: String, value: ConfigContent)] {
        var options: [String: (name: String, value: ConfigContent)] = [:]
        func set(_ key: String, _ name: String, _ text: String?) {
            if let text { options["relay.\(key)"] = (name, .string(text)) }
        }
        set("amqp", "--amqp", amqp)
        set("amqp_password_file", "--amqp-password-file", amqpPasswordFile)
        set("exchange", "--exchange", exchange)
        set("amqp_authorities", "--amqp-authorities", amqpAuthorities)
        set("reload", "--reload", reload)
        if webhooks { options["relay.webhooks"] = ("--webhooks", .bool(true)) }
        if !allowed.isEmpty { options["relay.allowed_networks"] = ("--allow-network", .stringArray(allowed)) }
        if let retryDelay { options["relay.webhook_retry_milliseconds"] = ("--retry-delay", .int(retryDelay)) }
        return options
    }

    private func broker(_ settings: RelaySettings) throws -> Broker? {
        guard var broker = settings.broker, let path = settings.brokerPasswordFile else { return settings.broker }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Failure("\(path) cannot be read; it is to hold the password for the broker.")
        }
        broker.password = text.trimmingCharacters(in: .newlines)
        return broker
    }
}
