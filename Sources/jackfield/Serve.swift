//  jackfield serve: answering requests until a signal says stop.

import ArgumentParser
import Configuration
import CoreMetrics
import FastCGI
import Foundation
import Gateway
import Glibc
import HTTPMessage
import Logging
import PluginKit
import Plugins
import SQLiteStore
import Synchronization

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answers FastCGI requests on a Unix socket until SIGTERM.",
        discussion: """
            Without --socket the socket is the one that the service manager passes (LISTEN_FDS). SIGHUP reads the \
            settings and the keys anew; what concerns the store, the sockets and the number of workers waits for the \
            next start. `jackfield config` shows all settings.
            """
    )

    @OptionGroup var options: SettingsOptions

    @OptionGroup var disabled: DisabledOption

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
    var workers: Int?

    func run() throws {
        let settings = try read()
        let log = LogSettings(settings)
        LoggingSystem.bootstrap { LogLines(label: $0, settings: log) }
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        let logger = Logger(label: "jackfield")
        let manager = ServiceManager()
        let signals = Signals()

        let application = try Application(
            settings,
            onUpgrade: { version in
                logger.notice(
                    "bringing the store up to date; a million documents take minutes",
                    metadata: ["version": "\(version)"]
                )
            }
        ) { failure in
            LogLines.write(level: .critical, "the disk failed; the server ends", ["reason": "\(failure)"])
            // The kernel ends the process at once: what was acknowledged is on disk, and nothing else may be.
            _exit(75)
        }
        defer { application.close() }
        let accessLog = AccessLog(log)
        let live = try Live(settings, application, observe: accessLog.record)
        let events = try settings.eventsSocket.map { path throws(FastCGIError) in
            try EventsSocket(path, users: settings.eventsUsers, application)
        }
        let monitor = Monitor(store: application.store, metrics: metrics, events: events?.server) {
            live.settings.health
        }
        var serverSettings = FastCGIServer.Settings()
        serverSettings.workers = settings.workers
        let listener =
            if let path = settings.socket { try Listener.bound(to: path) } else { try Listener.inherited() }
        let server = try FastCGIServer(listener: listener, settings: serverSettings, logger: logger) { request in
            monitor.response(to: request) ?? live.dispatcher.respond(to: &request)
        }
        events?.start()
        defer { events?.stop() }
        let housekeeper = Housekeeper(
            interval: settings.housekeepingInterval,
            logger: logger,
            rebuild: { try live.rebuild },
            file: { pause in try live.fileVoicemail(pause: pause) },
            housekeeping: { live.housekeeping }
        )
        defer { housekeeper.stop() }

        signals.handle(
            stop: {
                manager.sayStopping()
                server.drain()
            },
            reload: {
                manager.sayReloading()
                do {
                    let settings = try read()
                    try live.reload(settings)
                    log.set(settings)
                    logger.info("reloaded the settings and the keys")
                } catch {
                    logger.error("the settings stay as they were", metadata: ["reason": "\(error)"])
                }
                manager.sayReady()
            }
        )
        logger.info("serving", metadata: ["data": "\(settings.data)", "workers": "\(settings.workers)"])
        manager.sayReady()
        if let path = listener.boundPath { manager.watch(path, logger: logger) }
        try server.run()
        logger.info("stopped")
    }

    /// The settings as they are now.
    private func read() throws(Failure) -> Settings {
        var more = disabled.options
        if let socket { more["server.socket"] = ("--socket", .string(socket)) }
        if let workers { more["server.workers"] = ("--workers", .int(workers)) }
        if let events { more["events.socket"] = ("--events", .string(events)) }
        if !eventsUsers.isEmpty { more["events.users"] = ("--events-user", .stringArray(eventsUsers)) }
        return try options.read(more)
    }
}

/// What a reload replaces while requests are answered.
private final class Live: Sendable {
    private struct State {
        var settings: Settings
        var application: Application
        var dispatcher: Dispatcher
    }

    /// Held for a copy only, never across I/O.
    private let state: Mutex<State>
    private let observe: @Sendable (Observation) -> Void

    init(
        _ settings: Settings,
        _ application: Application,
        observe: @escaping @Sendable (Observation) -> Void
    ) throws(Failure) {
        self.observe = observe
        let dispatcher = try application.dispatcher(observe: observe)
        state = Mutex(State(settings: settings, application: application, dispatcher: dispatcher))
    }

    var settings: Settings { state.withLock { $0.settings } }
    var dispatcher: Dispatcher { state.withLock { $0.dispatcher } }

    var housekeeping: Housekeeping {
        state.withLock { state in
            Housekeeping(
                store: state.application.store,
                revocations: state.application.kit.revocations,
                retention: state.settings.retention
            )
        }
    }

    /// - Returns: how many messages were filed.
    func fileVoicemail(pause: () -> Bool) throws -> Int {
        let (settings, application) = state.withLock { ($0.settings, $0.application) }
        guard let seconds = settings.voicemailRetention else { return 0 }
        return try VoicemailRetention(application.kit).run(now: Application.now(), keeping: seconds, pause: pause)
    }

    var rebuild: Rebuild {
        get throws {
            let (settings, application) = state.withLock { ($0.settings, $0.application) }
            return Rebuild(
                store: application.store,
                catalogue: application.kit.catalogue,
                version: try programVersion(with: settings.plugins)
            )
        }
    }

    /// Requests that are being answered keep what they began with.
    func reload(_ settings: Settings) throws(Failure) {
        let application = try state.withLock { $0.application }.reloaded(settings)
        let dispatcher = try application.dispatcher(observe: observe)
        state.withLock { $0 = State(settings: settings, application: application, dispatcher: dispatcher) }
    }
}
