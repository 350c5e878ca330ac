//  Starting: when it cannot be, one sentence says why.

import Foundation
import Glibc
import Testing

extension EndToEnd {
    @Suite struct StartTests {
        private func expectOneSentence(_ outcome: Outcome, about word: String) {
            #expect(outcome.status != 0)
            let lines = outcome.error.split(separator: "\n")
            #expect(lines.count == 1, "\(outcome)")
            #expect(outcome.error.contains(word), "\(outcome)")
            #expect(!outcome.error.contains(Stack.password))
        }

        private func temporaryPath() -> String {
            FileManager.default.temporaryDirectory.appending(path: uniqueName("jackfield-")).path
        }

        @Test func aTakenPortIsNamed() throws {
            try withListener { port in
                let stack = try Stack(data: temporaryPath(), ports: (port, try freePort()))
                defer { stack.discard() }
                expectOneSentence(try stack.attemptStart(), about: String(port))
                #expect(stack.process == nil)
            }
        }

        @Test func aDirectoryThatCannotBeWrittenIsNamed() throws {
            let stack = try Stack(data: "/proc/jackfield", ports: (try freePort(), try freePort()))
            expectOneSentence(try stack.attemptStart(), about: "/proc/jackfield")
        }

        @Test func aSecondStartOnARunningDirectoryIsRefused() throws {
            let running = try Stack.current
            let second = try Stack(data: running.data, ports: (try freePort(), try freePort()))
            expectOneSentence(try second.attemptStart(), about: running.data)
            // The first is not disturbed.
            expectSuccess(try running.session(.http).send("GET", ""))
        }

        @Test func nothingInTheDirectoryIsForOthers() throws {
            let data = try Stack.current.data
            let names = try FileManager.default.subpathsOfDirectory(atPath: data)
            for name in names where name.hasSuffix(".sqlite") || name.hasPrefix("keys") || name.hasPrefix("logs") {
                var status = stat()
                #expect(stat("\(data)/\(name)", &status) == 0)
                #expect(status.st_mode & 0o077 == 0, "\(name)")
            }
        }
    }
}
