//  What a logout and a used code say outlives the process, and an operator who is locked out gets in again.

import FastCGI
import Foundation
import Identity
import JSON
import TestServer
import Testing

@Suite struct LoginTests {
    /// The status of a request with a token.
    private func status(_ token: String, _ server: RunningServer) throws -> Int {
        try server.client.send("GET", "/v2/token_auth", ["HTTP_X_AUTH_TOKEN": token]).status
    }

    // MARK: After a kill

    @Test func aTokenThatLoggedOutStaysOutAfterAKill() throws {
        let server = try RunningServer()
        try server.start()
        let (out, kept) = (try server.logIn(), try server.logIn())
        let logout = try server.client.send("DELETE", "/v2/token_auth", ["HTTP_X_AUTH_TOKEN": out.token])
        #expect(logout.status == 200)
        #expect(try status(out.token, server) == 401)
        server.kill9()
        try server.start()
        #expect(try status(out.token, server) == 401)
        #expect(try status(kept.token, server) == 200)
    }

    @Test func theTokensOfAFormerPasswordStayOutAfterAKill() throws {
        let server = try RunningServer()
        try server.start()
        let session = try server.logIn()
        let user = try #require(try session.send("GET", "/users").json["data"]?.array?.first?["id"]?.string)
        #expect(try session.send("PATCH", "/users/\(user)", ["password": "another password"]).status == 200)
        server.kill9()
        try server.start()
        #expect(try status(session.token, server) == 401)
        #expect(try server.attemptLogIn().status == 401)
        #expect(try server.attemptLogIn("admin", "another password").status == 201)
    }

    /// Gives the first user a second factor, with the code of the time step before this one.
    private func enrol(_ server: RunningServer, now: Int64) throws -> (generator: OneTimeCode, codes: [String]) {
        let session = try server.logIn()
        let user = try #require(try session.send("GET", "/users").json["data"]?.array?.first?["id"]?.string)
        let path = "/users/\(user)/multi_factor"
        let setup = try session.send("PUT", path, ["password": "a password"])
        let generator = try OneTimeCode(base32: try #require(setup.json["data"]?["secret"]?.string, "\(setup)"))
        let code = JSON.string(generator.code(at: now - 30))
        let done = try session.send("POST", path, ["password": "a password", "code": code])
        let codes = try #require(done.json["data"]?["recovery_codes"]?.array, "\(done)")
        return (generator, codes.compactMap(\.string))
    }

    @Test func aCodeWorksOnceAlsoAfterAKill() throws {
        let server = try RunningServer()
        try server.start()
        let now = Int64(Date().timeIntervalSince1970)
        let (generator, codes) = try enrol(server, now: now)
        let code = generator.code(at: now)
        #expect(try server.attemptLogIn(code: code).status == 201)
        #expect(try server.attemptLogIn(code: codes[0]).status == 201)
        server.kill9()
        try server.start()
        let replay = try server.attemptLogIn(code: code)
        #expect(replay.status == 401 && replay.json["auth_token"] == nil)
        #expect(try server.attemptLogIn(code: codes[0]).status == 401)
        // It was the use that ended them, and not the time: the next one is good already.
        #expect(try server.attemptLogIn(code: generator.code(at: now + 30)).status == 201)
        #expect(try server.attemptLogIn(code: codes[1]).status == 201)
    }

    // MARK: Operators

    /// Runs a command on the server's data.
    private func command(
        _ server: RunningServer,
        _ arguments: String...,
        password: String = "",
        input: String = ""
    ) throws -> (status: Int32, output: String, errors: String) {
        try Program.run(arguments + ["--data", server.data], ["JACKFIELD_PASSWORD": password], input: input)
    }

    @Test func whoForgotThePasswordGetsAnother() throws {
        let server = try RunningServer()
        try server.start()
        let session = try server.logIn()
        server.stop()
        let given = try command(server, "user", "set-password", "admin", password: "chosen by the operator")
        #expect(given.status == 0 && given.output.isEmpty, "\(given)")
        try server.start()
        #expect(try status(session.token, server) == 401)
        #expect(try server.attemptLogIn().status == 401)
        #expect(try server.attemptLogIn("admin", "chosen by the operator").status == 201)
        server.stop()
        let made = try command(server, "user", "set-password", "ADMIN")
        #expect(made.status == 0 && made.output.hasPrefix("password: "), "\(made)")
        try server.start()
        let password = String(made.output.dropFirst("password: ".count).dropLast())
        #expect(try server.attemptLogIn("admin", password).status == 201)
    }

    @Test func usersAreListedAndMade() throws {
        let server = try RunningServer()
        let made = try command(server, "user", "add", "rescue", "--admin", password: "comes to the rescue")
        #expect(made.status == 0 && made.output.hasPrefix("id: "), "\(made)")
        _ = try command(server, "user", "add", "plain")
        let list = try command(server, "user", "list")
        let rows = list.output.split(separator: "\n").map { $0.split(separator: " ").dropFirst().map(String.init) }
        #expect(Set(rows) == [["admin", "admin"], ["rescue", "admin"], ["plain", "user"]], "\(list)")
        try server.start()
        let session = try server.logIn("rescue", "comes to the rescue")
        #expect(try session.send("GET", "/users").json["data"]?.array?.count == 3)
    }

    @Test func aSecondFactorThatIsLostIsTakenAway() throws {
        let server = try RunningServer()
        try server.start()
        _ = try enrol(server, now: Int64(Date().timeIntervalSince1970))
        #expect(try server.attemptLogIn().status == 401)
        server.stop()
        let gone = try command(server, "user", "disable-factor", "admin")
        #expect(gone.status == 0 && gone.output == "The second factor is gone.\n", "\(gone)")
        #expect(try command(server, "user", "disable-factor", "admin").output == "There was no second factor.\n")
        try server.start()
        #expect(try server.attemptLogIn().status == 201)
    }

    @Test func aTokenIsIssuedAndEnded() throws {
        let server = try RunningServer()
        let issued = try command(server, "token", "issue", "admin", "--seconds", "600")
        #expect(issued.status == 0, "\(issued)")
        let token = issued.output.trimmingCharacters(in: .newlines)
        try server.start()
        #expect(try status(token, server) == 200)
        server.stop()
        #expect(try command(server, "token", "revoke", input: "\(token)\n").status == 0)
        let again = try command(server, "token", "revoke", input: "\(token)\n")
        #expect(again.status != 0 && again.errors.contains("not good any more"), "\(again)")
        try server.start()
        #expect(try status(token, server) == 401)
    }

    @Test func newKeysSignAndFormerOnesAreAccepted() throws {
        let server = try RunningServer()
        try server.start()
        let before = try server.logIn()
        // The server need not stop for it.
        let rotated = try command(server, "keys", "rotate")
        #expect(rotated.status == 0, "\(rotated)")
        #expect(try status(before.token, server) == 200)
        try server.reload()
        #expect(try status(before.token, server) == 200)
        let after = try server.logIn()
        #expect(try status(after.token, server) == 200)
        func header(_ token: String) -> Substring? { token.split(separator: ".").first }
        #expect(header(before.token) != header(after.token))
        server.kill9()
        try server.start()
        #expect(try status(before.token, server) == 200)
        #expect(try status(after.token, server) == 200)
    }

    @Test func aFirstPasswordThatIsGuessedFirstIsRefusedAndAnotherTaken() throws {
        let server = try RunningServer { data in
            let outcome = try Program.run(["init", "--no-demo", "--data", data], ["JACKFIELD_PASSWORD": "password1"])
            #expect(outcome.status != 0 && outcome.errors.contains("one that others guess first"), "\(outcome)")
        }
        try server.start()
        #expect(try server.attemptLogIn().status == 201)
        #expect(try server.attemptLogIn("admin", "password1").status == 401)
    }

    /// Arguments, the password given, and what is complained about.
    static let refusals: [(arguments: [String], password: String, words: String)] = [
        (["user", "set-password", "nobody"], "long enough", "There is no nobody here"),
        (["user", "list", "--account", "nowhere"], "", "There is no nowhere here"),
        (["user", "set-password", "admin"], "short", "at least 8 characters"),
        (["user", "set-password", "admin"], "password1", "one that others guess first"),
        (["user", "add", "admin"], "long enough", "unique"),
        (["user", "disable-factor", "nobody"], "", "There is no nobody here"),
        (["token", "issue", "nobody"], "", "There is no nobody here"),
        (["token", "issue", "admin", "--seconds", "0"], "", "--seconds is a number from 1 to 43200"),
        (["token", "revoke"], "", "not good any more"),
    ]

    @Test func whatCannotBeDoneIsSaidInASentence() throws {
        let server = try RunningServer()
        for row in Self.refusals {
            let outcome = try Program.run(
                row.arguments + ["--data", server.data],
                ["JACKFIELD_PASSWORD": row.password]
            )
            #expect(outcome.status != 0, "\(row)")
            #expect(outcome.errors.contains(row.words), "\(row.arguments): \(outcome)")
        }
        try server.start()
        #expect(try server.attemptLogIn().status == 201)
        for arguments in [["user", "list"], ["user", "set-password", "admin"], ["token", "issue", "admin"]] {
            let outcome = try Program.run(arguments + ["--data", server.data], [:])
            #expect(outcome.status != 0 && outcome.errors.contains("process"), "\(arguments): \(outcome)")
        }
        let none = try Program.run(["keys", "rotate", "--data", server.folder + "/nothing"], [:])
        #expect(none.status != 0 && none.errors.contains("Nothing was changed"), "\(none)")
    }
}
