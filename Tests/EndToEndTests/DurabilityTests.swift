//  What was acknowledged is there, whatever ends the process.

import Foundation
import Glibc
import JSON
import Synchronization
import Testing

extension EndToEnd {
    @Suite struct DurabilityTests {
        /// Writes without pause until the server is gone; returns what was acknowledged, with the name that it had.
        private func writeUntilTheEnd(_ session: Session, after begun: DispatchSemaphore) -> [String: String] {
            var acknowledged: [String: String] = [:]
            while true {
                let name = uniqueName("phone")
                guard let answer = try? session.send("PUT", "/devices", ["data": ["name": .string(name)]]),
                    answer.status == 201, let id = answer.data["id"]?.string
                else { return acknowledged }
                acknowledged[id] = name
                if acknowledged.count == 20 { begun.signal() }
            }
        }

        @Test func nothingAcknowledgedIsLostByAKill() throws {
            try Stack.withOwn { stack in
                let session = try stack.session(.http)
                var expected: [String: String] = [:]
                for _ in 0..<3 {
                    let begun = DispatchSemaphore(value: 0)
                    let ended = DispatchGroup()
                    let found = Mutex<[String: String]>([:])
                    for _ in 0..<4 {
                        ended.enter()
                        Thread {
                            let acknowledged = writeUntilTheEnd(session, after: begun)
                            found.withLock { $0.merge(acknowledged) { first, _ in first } }
                            ended.leave()
                        }.start()
                    }
                    for _ in 0..<4 { begun.wait() }
                    try stack.end(by: SIGKILL)
                    ended.wait()
                    expected.merge(found.withLock { $0 }) { first, _ in first }

                    try stack.restart()
                    // The token is good still: keys and epochs are on disk too.
                    let rows = try session.send("GET", "/devices?paginate=false").data.array ?? []
                    let stored = Dictionary(
                        uniqueKeysWithValues: rows.map { ($0["id"]?.string ?? "", $0["name"]?.string ?? "") }
                    )
                    #expect(expected.filter { stored[$0.key] != $0.value } == [:])
                    for id in expected.keys.prefix(10) {
                        let read = try session.send("GET", "/devices/\(id)")
                        #expect(read.data["name"]?.string == expected[id])
                    }
                }
                #expect(expected.count >= 240)
            }
        }

        @Test func aPoliteEndFinishesWhatIsInFlight() throws {
            try Stack.withOwn { stack in
                let session = try stack.session(.http)
                // A request that is long enough to be met: it derives three credentials.
                let ended = DispatchGroup()
                let found = Mutex<Answer?>(nil)
                let before = try stack.processorTicks
                ended.enter()
                Thread {
                    let answer = try? session.send(
                        "PUT",
                        "/users",
                        [
                            "data": [
                                "first_name": "A", "last_name": "B", "username": .string(uniqueName("user")),
                                "password": "a long password",
                            ]
                        ]
                    )
                    found.withLock { $0 = answer }
                    ended.leave()
                }.start()
                // Nothing but a derivation takes the server two hundredths of a second.
                while try stack.processorTicks < before + 2 { sched_yield() }
                let duration = try stack.end(by: SIGTERM)
                #expect(duration < .seconds(1))
                ended.wait()
                let answer = try #require(found.withLock { $0 })
                expectSuccess(answer, 201)

                try stack.restart()
                expectSuccess(try session.send("GET", "/users/\(answer.data["id"]?.string ?? "")"))
            }
        }

        @Test func aSecondStartKeepsEverything() throws {
            try Stack.withOwn { stack in
                let session = try stack.session(.https)
                let child = try session.withNewAccount()
                let device = try child.create("/devices", ["name": "phone"])
                let before = try child.send("GET", "/devices/\(device)")
                let users = try session.send("GET", "/users").ids
                try stack.restart()
                let after = try child.send("GET", "/devices/\(device)")
                expectSuccess(after)
                #expect(after.data == before.data)
                #expect(after.json["revision"] == before.json["revision"])
                #expect(try session.send("GET", "/users").ids == users)
                #expect(try stack.logIn(.http).home == session.home)
            }
        }

        @Test func aStopWithoutLoadIsQuick() throws {
            try Stack.withOwn { stack in
                _ = try stack.session(.http)
                #expect(try stack.end(by: SIGTERM) < .seconds(1))
            }
        }
    }
}
