//  What an operator may set, each with its unit, its range and its default.

import Logging
import PluginKit
import Plugins
import SQLiteStore

struct Settings {
    /// The data directory.
    var data: String
    /// The file of the pepper, if it is not among the keys in the data directory.
    var pepper: String?
    /// The socket to make; nil for the one that the service manager passes.
    var socket: String?
    /// Changes that wait for the disk together share one sync, and logins wait for each other, so more than there are
    /// processors.
    var workers = 128
    /// The socket by which the relay reads events, and who may read there.
    var eventsSocket: String?
    var eventsUsers: [String] = []
    var identity = IdentitySettings()
    var relay = RelaySettings()
    /// Those that are on.
    var plugins: [any Plugin.Type] = DiscoveredPlugins.all
    var store = SQLiteStore.Options()
    var retention = Retention()
    /// Seconds after which voicemail messages are filed as deleted; nil for never.
    var voicemailRetention: Int64?
    var housekeepingInterval = Duration.seconds(3_600)
    var files = FileLimits()
    var logLevel = Logger.Level.info
    /// From which duration on a request is logged with the times of its steps.
    var slowRequest = Duration.seconds(1)
    var health = HealthLimits()

    init(data: String) { self.data = data }

    /// Reads everything; what is wrong is noted in the reader.
    init(_ reader: SettingsReader) {
        self.init(data: reader.text("data", "The data directory.") ?? "")
        pepper = reader.text("pepper", "The file of the pepper, if it is kept apart from the data.")
        socket = reader.text(
            "server.socket",
            "The Unix socket to make; without it the one that the service manager passes is used."
        )
        workers = reader.number("server.workers", 2...1_024, 128, "requests", "How many requests are worked on at once.")
        eventsSocket = reader.text("events.socket", "The Unix socket by which the relay reads events.")
        eventsUsers = reader.texts(
            "events.users",
            "Whose processes may read events, beside root's and the server's own."
        )

        let disabled = reader.texts("plugins.disabled", "The names of plugins that are switched off.")
        do {
            plugins = try PluginSelection(DiscoveredPlugins.all, without: disabled).plugins
        } catch {
            for problem in error.problems {
                reader.refuse("plugins.disabled", "\(problem); `jackfield plugins` lists them")
            }
        }

        store.cacheBytes =
            reader.number("store.cache_megabytes", 1...65_536, 48, "MB", "Documents that are kept in memory.") << 20
        store.batchLimit = reader.number(
            "store.batch",
            1...10_000,
            256,
            "writes",
            "How many writes share one sync at the most."
        )
        store.checkpointPages = reader.number(
            "store.checkpoint_pages",
            10...1_000_000,
            4_000,
            "pages of 4,096 bytes",
            "How far the log grows before it is written back into the database."
        )
        store.idleReaders = reader.number(
            "store.idle_readers",
            1...1_024,
            16,
            "connections",
            "How many connections for reading, of 2 MB each, stay open."
        )
        store.pastRevisions = reader.number(
            "store.past_revisions",
            0...1_000,
            10,
            "revisions",
            "How many past revisions of each document are kept at the most."
        )
        store.reserveBytes =
            reader.number(
                "store.reserve_megabytes",
                0...65_536,
                16,
                "MB",
                "Disk space that is held back for deletes and deliveries when the disk is full."
            ) << 20
        readRetention(reader)
        readLogins(reader)
        relay = RelaySettings(reader)
        files.body =
            reader.number(
                "files.megabytes",
                8...500,
                8,
                "millions of bytes",
                "The largest request that brings a file; nginx's client_max_body_size is to say the same."
            ) * 1_000_000
        files.account =
            reader.number(
                "files.account_megabytes",
                1...100_000_000,
                10_000,
                "millions of bytes",
                "How much the files of one account may have together."
            ) * 1_000_000

        let levels = Dictionary(uniqueKeysWithValues: Logger.Level.allCases.map { ($0.rawValue, $0) })
        logLevel = reader.choice("log.level", levels, .info, "What is logged, from this level on.")
        slowRequest = .milliseconds(
            reader.number(
                "log.slow_milliseconds",
                1...600_000,
                1_000,
                "ms",
                "From which duration on a request is logged as slow, with the times of its steps."
            )
        )
        health.freeBytes =
            reader.number(
                "status.free_megabytes",
                0...1_048_576,
                64,
                "MB",
                "With less free disk space the server says that it is not ready."
            ) << 20
        health.eventAge = Int64(
            reader.number(
                "status.event_age_minutes",
                1...525_600,
                60,
                "minutes",
                "When an event has waited for longer the server says that it is not ready."
            ) * 60
        )
    }

    private mutating func readRetention(_ reader: SettingsReader) {
        func days(_ name: String, _ standard: Int, _ help: String) -> Int64 {
            Int64(reader.number("retention.\(name)_days", 1...36_500, standard, "days", help)) * 86_400
        }
        retention.tombstones = days("tombstones", 30, "How long a deleted document can be restored.")
        retention.pastRevisions = days("revisions", 90, "How long a past revision can be read.")
        retention.events = days("events", 7, "How long an event that every consumer has had is kept.")
        retention.recordMonths = reader.number(
            "retention.records_months",
            1...1_200,
            13,
            "whole months",
            "How long records such as call detail records are kept, besides the present month."
        )
        let voicemail = reader.number(
            "retention.voicemail_days",
            0...36_500,
            0,
            "days, 0 for ever",
            "After which time voicemail messages are filed as deleted."
        )
        voicemailRetention = voicemail > 0 ? Int64(voicemail) * 86_400 : nil
        retention.attachments =
            Int64(
                reader.number(
                    "retention.attachments_hours",
                    1...8_760,
                    24,
                    "hours",
                    "How long an uploaded file may wait for a document that names it."
                )
            ) * 3_600
        housekeepingInterval = .seconds(
            reader.number(
                "retention.interval_minutes",
                1...10_080,
                60,
                "minutes",
                "How often what is too old is removed."
            ) * 60
        )
    }
}
