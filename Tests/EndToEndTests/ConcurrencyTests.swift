//  Many clients at once.

import Foundation
import JSON
import Synchronization
import Testing

/// Runs `work` on as many threads as asked for, which begin together; returns what they found, in order.
func onThreads<Value: Sendable>(_ count: Int, _ work: @escaping @Sendable (Int) throws -> Value) -> [Result<
    Value, any Error
>] {
    let begin = DispatchSemaphore(value: 0)
    let end = DispatchGroup()
    let found = Mutex<[Int: Result<Value, any Error>]>([:])
    for number in 0..<count {
        end.enter()
        Thread {
            begin.wait()
            let result = Result { try work(number) }
            found.withLock { $0[number] = result }
            end.leave()
        }.start()
    }
    for _ in 0..<count { begin.signal() }
    end.wait()
    return found.withLock { found in (0..<count).compactMap { found[$0] } }
}

extension EndToEnd {
    @Suite struct ConcurrencyTests {
        @Test func oneOfTwoThatWantOneNameGetsIt() throws {
            let session = try Stack.current.session(.http).withNewAccount()
            for _ in 0..<100 {
                let document: JSON = [
                    "first_name": "Ada", "last_name": "Lovelace", "username": .string(uniqueName("user")),
                    "password": "a long password",
                ]
                let answers = onThreads(2) { _ in try session.send("PUT", "/users", ["data": document]) }
                let (won, lost) = (
                    try answers.map { try $0.get() }.filter { $0.status == 201 },
                    try answers.map { try $0.get() }.filter { $0.status != 201 }
                )
                #expect(won.count == 1)
                for answer in lost { expectError(answer, 400, violation: ("username", "unique")) }
            }
            #expect(try session.send("GET", "/users?paginate=false").ids.count == 100)
        }

        @Test func noChangeIsLostAmongThoseThatNameTheRevision() throws {
            let session = try Stack.current.session(.http).withNewAccount()
            let item = "/devices/" + (try session.create("/devices", ["name": "phone", "count": 0]))
            let results = onThreads(4) { _ in
                var added = 0
                while added < 10 {
                    let read = try session.send("GET", item)
                    let count = read.data["count"]?.int ?? 0
                    let answer = try session.send(
                        "PATCH",
                        item,
                        ["data": ["count": .number(JSONNumber(count + 1))]],
                        fields: ["If-Match: \(read["etag"] ?? "")"]
                    )
                    switch answer.status {
                    case 200: added += 1
                    case 409, 412: continue
                    default: throw Surprise(answer)
                    }
                }
            }
            for result in results { try result.get() }
            let read = try session.send("GET", item)
            #expect(read.data["count"] == 40)
            #expect(generation(read.json["revision"]) == 41)
        }

        @Test(arguments: Scheme.allCases)
        func twoHundredClientsAtOnceAreAnswered(scheme: Scheme) throws {
            let session = try Stack.current.session(scheme).withNewAccount()
            let id = try session.create("/devices", ["name": "phone"])
            let answers = onThreads(200) { number in
                number.isMultiple(of: 4)
                    ? try session.send("PUT", "/users", ["data": ["first_name": "A", "last_name": "B"]])
                    : try session.send("GET", "/devices/\(id)")
            }
            #expect(answers.count == 200)
            for (number, answer) in answers.enumerated() {
                expectSuccess(try answer.get(), number.isMultiple(of: 4) ? 201 : 200)
            }
            #expect(try session.send("GET", "/users?paginate=false").ids.count == 50)
        }

        /// A login costs a derivation, and whoever guesses sends many: they wait in a queue of their own, which is short.
        @Test func aFloodOfLoginsLeavesRoomForOthers() throws {
            let session = try Stack.current.session(.http)
            let guess: JSON = [
                "data": [
                    "credentials": "00000000000000000000000000000000", "account_name": .string(Stack.accountName),
                ]
            ]
            let results = onThreads(40) { number in
                try (0..<10).map { _ in
                    let began = ContinuousClock.now
                    let answer =
                        number < 36
                        ? try session.client.send("PUT", "/v2/user_auth", body: guess.bytes())
                        : try session.send("GET", "")
                    return (answer: answer, duration: ContinuousClock.now - began)
                }
            }
            let guesses = try results.prefix(36).flatMap { try $0.get() }
            let reads = try results.suffix(4).flatMap { try $0.get() }
            #expect(Set(guesses.map(\.answer.status)) == [401, 429])
            for guess in guesses where guess.answer.status == 429 {
                expectError(guess.answer, 429, message: "too_many_requests")
                #expect(guess.answer["retry-after"].flatMap { Int($0) } ?? 0 > 0)
            }
            for read in reads { expectSuccess(read.answer) }
            // Half of the reads are done before the quickest derivation is.
            let median = reads.map(\.duration).sorted()[reads.count / 2]
            let quickest = try #require(guesses.filter { $0.answer.status == 401 }.map(\.duration).min())
            #expect(median < quickest)
        }
    }
}
