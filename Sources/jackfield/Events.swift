//  The events socket of a running server, and looking at it: jackfield events.

import ArgumentParser
import Events
import FastCGI
import Foundation
import Gateway
import Glibc
import JSON
import PluginKit
import Plugins

/// The socket by which the relay reads events, served on a thread of its own.
struct EventsSocket: Sendable {
    let server: EventServer
    private let listener: Listener
    private let hasEnded = DispatchSemaphore(value: 0)

    /// Binds the socket.
    ///
    /// - Parameter users: whose processes may read, beside root's and this user's own.
    init(_ path: String, users: [String], _ application: Application) throws(FastCGIError) {
        let policy = try PeerPolicy.ourselves(and: users)
        listener = try Listener.bound(to: path)
        server = EventServer(
            listener: listener.descriptor,
            outbox: application.store,
            desk: ApplicationDesk(application.kit),
            clock: Application.now
        ) { connection in policy.admits(connection: connection) }
    }

    func start() {
        let (server, hasEnded) = (server, hasEnded)
        let thread = Thread {
            server.run()
            hasEnded.signal()
        }
        thread.name = "events"
        thread.start()
    }

    /// Returns when nobody is answered any more.
    func stop() {
        server.stop()
        hasEnded.wait()
        listener.unpublish()
        close(listener.descriptor)
    }
}

/// What the documents say to the relay.
private struct ApplicationDesk: RelayDesk {
    private let kit: Kit
    private let webhooks: WebhookDesk

    init(_ kit: Kit) {
        self.kit = kit
        webhooks = WebhookDesk(kit)
    }

    /// If it cannot be known, nothing is held back: one reload too many does no harm.
    func holdsBack(_ consumer: String) -> Bool { consumer == "reload" && (try? kit.liveReload.isOn()) == false }

    func ancestors(of account: String) -> [String] { (try? kit.directory.ancestors(of: account)) ?? [] }

    func hooks() throws -> [JSON] { try webhooks.hooks(now: Application.now()) }

    func record(_ attempts: [JSON]) throws { try webhooks.record(attempts, now: Application.now()) }
}

struct LookAtEvents: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Shows what the server tells the world.",
        subcommands: [Tail.self, Status.self, Replay.self, Forget.self]
    )

    struct Tail: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints events as they come, a JSON object a line, until Ctrl-C.",
            discussion: "Looking changes nothing: it is no consumer."
        )

        @OptionGroup var socket: EventsOption

        @Option(help: ArgumentHelp("Begin behind this event instead of with the next one.", valueName: "sequence"))
        var since: Int64?

        @Flag(help: "End when there are no more.")
        var noFollow = false

        func run() throws {
            let client = try socket.client()
            var after = since ?? (noFollow ? 0 : nil)
            while true {
                let events = try client.tail(after: after, limit: 500, seconds: noFollow ? 0 : 30)
                for event in events {
                    let line = JSON.object(event.json).bytes() + [UInt8(ascii: "\n")]
                    guard line.withUnsafeBytes({ write(STDOUT_FILENO, $0.baseAddress, $0.count) }) == line.count else {
                        return
                    }
                }
                if events.isEmpty, noFollow { return }
                after = events.last?.sequence ?? after
            }
        }
    }

    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints how far each consumer is, and what it fails with."
        )

        @OptionGroup var socket: EventsOption

        func run() throws { print(try socket.client().status().text(.pretty)) }
    }

    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delivers events to a consumer again, for example to a message queue that has lost them.",
            discussion: """
                A receiver knows them by their event_id. Webhooks remember what each has had, and are not told again: a \
                program that missed something reads the account's changes.
                """
        )

        @OptionGroup var socket: EventsOption

        @Argument(help: "The consumer: amqp or reload.")
        var consumer: String

        @Option(help: ArgumentHelp("Begin behind this event; 0 for all that are kept.", valueName: "sequence"))
        var since: Int64

        func validate() throws {
            if consumer == "webhooks" { throw ValidationError("Webhooks remember what each of them has had.") }
            if since < 0 { throw ValidationError("The number of an event is 0 or more.") }
        }

        func run() throws { try socket.client().replay(consumer, after: since) }
    }

    struct Forget: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends a consumer that is not to be served any more, for example a message queue that is gone.",
            discussion: "Otherwise events are kept for it until it comes back."
        )

        @OptionGroup var socket: EventsOption

        @Argument(help: "The consumer: amqp, webhooks or reload.")
        var consumer: String

        func run() throws { try socket.client().forget(consumer) }
    }
}

/// The events socket of a running server.
struct EventsOption: ParsableArguments {
    @Option(name: .customLong("events"), help: ArgumentHelp("The events socket of the server.", valueName: "socket"))
    var path: String

    func client() throws(Failure) -> EventClient {
        do {
            return try EventClient(path, stop: Stop())
        } catch {
            throw Failure("\(error). Is `jackfield serve --events \(path)` running, and is this user admitted?")
        }
    }
}
