//  Settings come from the command line, the environment and a file; mistakes are told all at once, with their places.

import Foundation
import JSON
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
        #expect(shown.output.contains("store.cache_megabytes = 48  (default)\n"))
        #expect(shown.output.contains("[MB, 1 to 65536, default 48]"))
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

    /// Settings of logins and of the relay, a value of each, and how it is shown.
    static let rows: [(file: String, shown: String)] = [
        (#"{"login": {"queue": 3}}"#, "login.queue = 3"),
        (#"{"login": {"derivation_kibibytes": 65536}}"#, "login.derivation_kibibytes = 65536"),
        (#"{"login": {"former_derivations": ["47104x1", "19456x2"]}}"#, "login.former_derivations = 47104x1,19456x2"),
        (#"{"throttle": {"source_failures": 60}}"#, "throttle.source_failures = 60"),
        (#"{"throttle": {"code_failures_an_hour": 40}}"#, "throttle.code_failures_an_hour = 40"),
        (#"{"throttle": {"longest_wait_seconds": 60}}"#, "throttle.longest_wait_seconds = 60"),
        (#"{"requests": {"cost": 0}}"#, "requests.cost = 0"),
        (#"{"password": {"min_length": 12, "common": "allow"}}"#, "password.common = allow"),
        (#"{"token": {"lifetime_seconds": 600}}"#, "token.lifetime_seconds = 600"),
        (#"{"session": {"idle_minutes": 5}}"#, "session.idle_minutes = 5"),
        (#"{"recovery": {"lifetime_minutes": 15}}"#, "recovery.lifetime_minutes = 15"),
        (#"{"relay": {"amqp": "amqps://u@mq.example/v"}}"#, "relay.amqp = amqps://u@mq.example/v"),
        (#"{"relay": {"webhooks": true, "allowed_networks": ["10.1.0.0/16"]}}"#, "relay.webhooks = true"),
        (#"{"relay": {"webhook_timeout_milliseconds": 500}}"#, "relay.webhook_timeout_milliseconds = 500"),
    ]

    @Test(arguments: rows)
    func loginsAndTheRelayAreSetLikeAllElse(row: (file: String, shown: String)) throws {
        let shown = try config(row.file, ["--data", "/d"])
        #expect(shown.status == 0, "\(shown)")
        #expect(shown.output.contains("\n\(row.shown)  (/"), "\(shown.output)")
    }

    @Test(arguments: [
        (#"{"login": {"former_derivations": ["1x1"]}}"#, "expected KIBIBYTESxPASSES, such as 47104x1, found \"1x1\""),
        (#"{"requests": {"tokens": 10, "cost": 11}}"#, "requests.cost: expected no more than requests.tokens"),
        (#"{"session": {"idle_minutes": 721}}"#, "expected a whole number from 1 to 720 (minutes), found 721"),
        (#"{"password": {"common": "perhaps"}}"#, "password.common: expected one of allow, deny, found \"perhaps\""),
        (#"{"relay": {"webhooks": "yes"}}"#, "relay.webhooks: expected true or false, found \"yes\""),
        (#"{"relay": {"amqp": "amqp://u:p@h"}}"#, "a password goes into relay.amqp_password_file"),
        (#"{"relay": {"allowed_networks": ["10"]}}"#, "\"10\" is no network like 10.1.0.0/16"),
    ])
    func whatLoginsAndTheRelayCannotBeIsRefused(row: (file: String, words: String)) throws {
        let shown = try config(row.file, ["--data", "/d"])
        #expect(shown.status == 1)
        #expect(shown.errors.contains(row.words), "\(shown.errors)")
    }

    @Test func aSettingOfLoginsHolds() throws {
        let server = try RunningServer()
        try server.start(
            environment: ["JACKFIELD_TOKEN_LIFETIME_SECONDS": "600", "JACKFIELD_PASSWORD_MIN_LENGTH": "20"]
        )
        let session = try server.logIn()
        let settings = try session.send("GET", "/security").json["data"]?["effective"]
        #expect(settings?["auth_modules.cb_user_auth.token_auth_expiry_s"] == ["value": 600, "origin": "system"])
        let user: JSON = ["first_name": "A", "last_name": "B", "username": "ada", "password": "nineteen characters"]
        let refused = try session.send("PUT", "/users", user)
        #expect(refused.json["data"]?["password"]?["minLength"]?["target"] == 20, "\(refused)")
    }

    @Test func aMistakeStopsTheStart() throws {
        let outcome = try Program.run(["serve", "--data", "/nowhere", "--workers", "1"], [:])
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains("--workers: server.workers: expected a whole number from 2"), "\(outcome)")
        let none = try Program.run(["serve"], [:])
        #expect(none.errors.contains("--data DIRECTORY, JACKFIELD_DATA"), "\(none)")
    }
}
