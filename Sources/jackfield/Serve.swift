//  jackfield serve: answering requests until a signal says stop.

import ArgumentParser
import FastCGI
import Foundation
import Gateway
import Glibc
import HTTPMessage
import Logging

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answers FastCGI requests on a Unix socket until SIGTERM.",
        discussion: "Without --socket the socket is the one that the service manager passes (LISTEN_FDS)."
    )

    @OptionGroup var data: DataOption

    @OptionGroup var plugins: PluginOptions

    @Option(help: ArgumentHelp("The Unix socket to make.", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("The Unix socket by which the relay reads events.", valueName: "path"))
    var events: String?

    @Option(
        name: .customLong("events-user"),
        help: ArgumentHelp("Let this user's processes read events too; can be given several times.", valueName: "user")
    )
    var eventsUsers: [String] = []

    @Option(help: "How many requests are worked on at once.")
    var workers = 8

    func validate() throws {
        guard (2...1_024).contains(workers) else { throw ValidationError("--workers is a number from 2 to 1024.") }
    }

    func run() throws {
        LoggingSystem.bootstrap { LogLines(label: $0) }
        let logger = Logger(label: "jackfield")
        let stop = StopSignal()
        let plugins = try plugins.selected()
        let application = try Application(
            data: data.directory,
            pepper: data.pepper,
            plugins: plugins,
            workers: workers
        ) { failure in
            LogLines.write(level: "critical", "the disk failed; the server ends", ["reason": "\(failure)"])
            // The kernel ends the process at once: what was acknowledged is on disk, and nothing else may be.
            _exit(75)
        }
        defer { application.close() }
        let dispatcher = try application.dispatcher(observe: AccessLog.record)
        var settings = FastCGIServer.Settings()
        settings.workers = workers
        let server = try FastCGIServer(
            listener: socket.map { path throws(FastCGIError) in try Listener.bound(to: path) } ?? Listener.inherited(),
            settings: settings,
            logger: logger
        ) { request in dispatcher.respond(to: &request) }
        let events = try events.map { path throws(FastCGIError) in
            try EventsSocket(path, users: eventsUsers, application)
        }
        events?.start()
        defer { events?.stop() }
        stop.whenItComes { server.drain() }
        logger.info("serving", metadata: ["data": "\(data.directory)", "workers": "\(workers)"])
        try server.run()
        logger.info("stopped")
    }
}

/// SIGTERM and SIGINT, kept for one thread that waits for them.
struct StopSignal {
    private var signals = sigset_t()

    /// Blocks the signals in this thread and in those that it makes later.
    init() {
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Calls `body` on a thread of its own when the first signal comes.
    func whenItComes(_ body: @escaping @Sendable () -> Void) {
        let signals = signals
        Thread.detachNewThread {
            var waited = signals
            var received: Int32 = 0
            sigwait(&waited, &received)
            body()
        }
    }
}
