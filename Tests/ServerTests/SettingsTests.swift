//  Settings come from the command line, the environment and a file; mistakes are told all at once, with their places.

import Foundation
import Testing

@Suite struct SettingsTests {
    private func config(
        _ file: String,
        _ arguments: [String] = [],
        _ environment: [String: String] = [:]
    ) throws -> (status: Int32, output: String, errors: String) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "jackfield-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let settings = folder.appending(path: "settings.json")
        try Data(file.utf8).write(to: settings)
        return try Program.run(["config", "--config", settings.path] + arguments, environment)
    }

    @Test func theNearestSourceHolds() throws {
        let file = #"{"server": {"workers": 3}, "log": {"slow_milliseconds": 7}, "plugins": {"disabled": ["menus"]}}"#
        let shown = try config(
            file,
            ["--data", "/d"],
            ["JACKFIELD_SERVER_WORKERS": "5", "JACKFIELD_EVENTS_USERS": "ann,bea"]
        )
        #expect(shown.status == 0, "\(shown)")
        #expect(shown.output.contains("data = /d  (--data)\n"))
        #expect(shown.output.contains("server.workers = 5  (JACKFIELD_SERVER_WORKERS)\n"))
        #expect(shown.output.contains("events.users = ann,bea  (JACKFIELD_EVENTS_USERS)\n"))
        #expect(shown.output.contains("log.slow_milliseconds = 7  (/"))
        #expect(shown.output.contains("settings.json:1:36)\n"))
        #expect(shown.output.contains("plugins.disabled = menus  (/"))
        #expect(shown.output.contains("store.cache_megabytes = 64  (default)\n"))
        #expect(shown.output.contains("[MB, 1 to 65536, default 64]"))
    }

    @Test func allMistakesAreToldAtOnce() throws {
        let file = """
            {
              "server": {"workers": 1, "wrkers": 8},
              "store": {"cache_megabytes": "64"},
              "log": {"level": "loud"},
              "plugins": {"disabled": ["menus", "mneus"]}
            }
            """
        let shown = try config(file, ["--data", "/d"], ["JACKFIELD_STORE_BATCH": "many"])
        #expect(shown.status == 1)
        let lines = shown.errors.split(separator: "\n").map { $0.drop { $0 != ":" }.dropFirst() }
        #expect(lines.contains("2:14: server.workers: expected a whole number from 2 to 1024 (requests), found 1"))
        #expect(lines.contains("2:28: server.wrkers: there is no such setting"))
        #expect(
            lines.contains("3:13: store.cache_megabytes: expected a whole number from 1 to 65536 (MB), found \"64\"")
        )
        #expect(lines.contains { $0.hasPrefix("4:11: log.level: expected one of critical, debug,") })
        #expect(lines.contains { $0.hasPrefix("5:15: plugins.disabled: mneus: there is no plugin with this name") })
        #expect(
            shown.errors.contains(
                "JACKFIELD_STORE_BATCH: store.batch: expected a whole number from 1 to 10000 (writes), found \"many\""
            )
        )
        #expect(lines.count == 6, "\(shown.errors)")
    }

    @Test(arguments: [
        (#"{"server": {"workers": }}"#, ":1:24: "), ("[]", "expected a JSON object"),
        (#"{"data": null}"#, ":1:2: data: expected a value, found null"),
    ])
    func aFileThatIsNoneIsRefused(file: String, words: String) throws {
        let shown = try config(file)
        #expect(shown.status == 1)
        #expect(shown.errors.contains(words), "\(shown)")
    }

    @Test func aMistakeStopsTheStart() throws {
        let outcome = try Program.run(["serve", "--data", "/nowhere", "--workers", "1"], [:])
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains("--workers: server.workers: expected a whole number from 2"), "\(outcome)")
        let none = try Program.run(["serve"], [:])
        #expect(none.errors.contains("--data DIRECTORY, JACKFIELD_DATA"), "\(none)")
    }
}
