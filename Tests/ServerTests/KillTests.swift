//  The server is killed in the middle of its work, again and again, and keeps what it said.

import DocumentStore
import Foundation
import Glibc
import JSON
import SQLiteStore
import Synchronization
import Testing

/// What a client knows of one document.
private struct Knowledge {
    /// The generation and the number that the last answer told.
    var generation: Int
    var number: Int
    /// What was sent and not answered; it may have happened, once.
    var pending: Int?
}

/// One client that writes documents of its own, one request at a time.
private final class Writer: Sendable {
    let name: Int
    private let documents = Mutex<[String: Knowledge]>([:])
    private let creations = Mutex(0)

    init(_ name: Int) { self.name = name }

    var acknowledged: Int { documents.withLock { $0.values.reduce(0) { $0 + $1.generation } } }
    var unanswered: Int { creations.withLock { $0 } }
    var generations: [String: Int] { documents.withLock { $0.mapValues(\.generation) } }

    /// Creates and changes until nobody answers.
    func work(_ session: Session) {
        var generator = SystemRandomNumberGenerator()
        while true {
            let number = Int.random(in: 1...60_000, using: &generator)
            let known = documents.withLock { documents in documents.keys.randomElement(using: &generator) }
            do {
                if let id = known, Int.random(in: 0..<4, using: &generator) > 0 {
                    documents.withLock { $0[id]?.pending = number }
                    let (status, json) = try session.send(
                        "PATCH",
                        "/menus/\(id)",
                        ["timeout": .number(JSONNumber(number))]
                    )
                    guard status == 200 else { throw Surprise("\(status) \(json)") }
                    note(id, json, number)
                } else {
                    let data: JSON = [
                        "name": .string("menu \(UUID().uuidString)".lowercased()),
                        "timeout": .number(JSONNumber(number)),
                    ]
                    creations.withLock { $0 += 1 }
                    let (status, json) = try session.send("PUT", "/menus", data)
                    guard status == 201, let id = json["data"]?["id"]?.string else {
                        throw Surprise("\(status) \(json)")
                    }
                    creations.withLock { $0 -= 1 }
                    note(id, json, number)
                }
            } catch let surprise as Surprise {
                Issue.record("\(surprise)")
                return
            } catch {
                return
            }
        }
    }

    private func note(_ id: String, _ json: JSON, _ number: Int) {
        let generation = json["revision"]?.string.flatMap { Revision($0) }?.generation ?? 0
        documents.withLock { $0[id] = Knowledge(generation: generation, number: number) }
    }

    /// Looks whether everything that was answered is there, and nothing that was never sent.
    func verify(_ session: Session, only touched: Bool) throws {
        for (id, known) in documents.withLock({ $0 }) where !touched || known.pending != nil {
            let (status, json) = try session.send("GET", "/menus/\(id)")
            let number = json["data"]?["timeout"]?.int
            let generation = json["revision"]?.string.flatMap { Revision($0) }?.generation ?? 0
            #expect(status == 200, "\(id) is lost")
            if let pending = known.pending, generation == known.generation + 1 {
                #expect(number == pending, "\(id) is what nobody sent")
            } else {
                #expect(generation == known.generation && number == known.number, "\(id) is not what was answered")
            }
            documents.withLock { $0[id] = Knowledge(generation: generation, number: number ?? 0) }
        }
    }
}

@Suite struct KillTests {
    /// `JACKFIELD_KILLS=1000` takes more.
    static let kills = ProcessInfo.processInfo.environment["JACKFIELD_KILLS"].flatMap { Int($0) } ?? 200

    @Test func nothingThatWasAnsweredIsLost() throws {
        let server = try RunningServer()
        let writers = (0..<4).map { Writer($0) }
        try server.start()
        let session = try server.logIn()
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<Self.kills {
            let group = DispatchGroup()
            for writer in writers {
                group.enter()
                Thread {
                    writer.work(session)
                    group.leave()
                }.start()
            }
            usleep(UInt32.random(in: 1_000...100_000, using: &generator))
            server.kill9()
            group.wait()
            try server.start()
            for writer in writers { try writer.verify(session, only: true) }
        }
        for writer in writers { try writer.verify(session, only: false) }
        server.stop()
        let reader = try StoreReader(directory: server.data)
        #expect(try reader.check() == [])
        // An event a generation, in the same commit: of what was answered all, of what was not, at the most one each.
        let generations = writers.map(\.generations).reduce(into: [:]) { $0.merge($1) { $1 } }
        let store = try SQLiteStore(directory: server.data) { _ in }
        defer { store.close() }
        var told: [String: Int] = [:]
        var sequence: Int64 = 0
        while let events = Optional(try store.events(after: sequence, limit: 1_000)), let last = events.last {
            for event in events where event.event.type == "menu" { told[event.event.document.text, default: 0] += 1 }
            sequence = last.sequence
        }
        for (id, generation) in generations { #expect(told[id] == generation, "\(id)") }
        #expect(told.count <= generations.count + writers.map(\.unanswered).reduce(0, +))
        let acknowledged = writers.map(\.acknowledged).reduce(0, +)
        print("\(Self.kills) kills, \(acknowledged) writes answered, \(told.count) documents")
        #expect(acknowledged > Self.kills)
    }
}
