//  Secrets on disk.

import Foundation
import Glibc
import Testing

@testable import Identity

@Suite struct KeySetTests {
    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    @Test func whatIsMadeIsReadAgain() throws {
        try withTemporaryDirectory { directory in
            let keys = directory + "/keys"
            #expect(!KeySet.exists(in: keys))
            let made = try KeySet.create(in: keys)
            #expect(KeySet.exists(in: keys))
            let read = try KeySet.load(from: keys)
            #expect(read.pepper.bytes == made.pepper.bytes)
            #expect(read.tokens.keys.map(\.id) == made.tokens.keys.map(\.id))
        }
    }

    @Test func nobodyElseMayRead() throws {
        try withTemporaryDirectory { directory in
            let previous = umask(0)
            defer { umask(previous) }
            let keys = directory + "/keys"
            _ = try KeySet.create(in: keys)
            #expect(mode(keys) == 0o700)
            #expect(mode(keys + "/pepper") == 0o600)
            #expect(mode(keys + "/tokens.json") == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: keys).sorted() == ["pepper", "tokens.json"])
        }
    }

    @Test(arguments: [0o604, 0o602, 0o620, 0o601])
    func aFileThatOthersMayReadOrChangeIsRefused(_ mode: Int) throws {
        try withTemporaryDirectory { directory in
            _ = try KeySet.create(in: directory)
            chmod(directory + "/pepper", mode_t(mode))
            #expect(throws: IdentityError.self) { try KeySet.load(from: directory) }
            chmod(directory + "/pepper", 0o440)
            _ = try KeySet.load(from: directory)
        }
    }

    @Test func secretsAreNeverMadeTwice() throws {
        try withTemporaryDirectory { directory in
            let made = try KeySet.create(in: directory)
            #expect(throws: IdentityError.self) { try KeySet.create(in: directory) }
            #expect(try KeySet.load(from: directory).tokens.active.id == made.tokens.active.id)
        }
    }

    @Test func aLostPepperIsNotReplacedInSilence() throws {
        try withTemporaryDirectory { directory in
            _ = try KeySet.create(in: directory)
            try FileManager.default.removeItem(atPath: directory + "/pepper")
            #expect(throws: IdentityError.self) { try KeySet.load(from: directory) }
            #expect(throws: IdentityError.self) { try KeySet.create(in: directory) }
        }
    }

    @Test func thePepperMayBeElsewhere() throws {
        try withTemporaryDirectory { directory in
            let pepper = directory + "/credential"
            let made = try KeySet.create(in: directory + "/keys", pepperPath: pepper)
            #expect(!FileManager.default.fileExists(atPath: directory + "/keys/pepper"))
            let read = try KeySet.load(from: directory + "/keys", pepperPath: pepper)
            #expect(read.pepper.bytes == made.pepper.bytes)
        }
    }

    @Test func anOperatorsPepperIsUsed() throws {
        try withTemporaryDirectory { directory in
            let pepper = directory + "/credential"
            try KeyFile.write([UInt8](0..<32), to: pepper, isReplacing: false)
            #expect(try KeySet.create(in: directory + "/keys", pepperPath: pepper).pepper.bytes == [UInt8](0..<32))
        }
    }

    @Test func rotationIsOnDiskWhenItReturns() throws {
        try withTemporaryDirectory { directory in
            var keys = try KeySet.create(in: directory)
            let before = keys.tokens.active.id
            try keys.rotate(now: now)
            let read = try KeySet.load(from: directory)
            #expect(read.tokens.active.id == keys.tokens.active.id)
            #expect(read.tokens.active.id != before)
            #expect(read.tokens.keys.contains { $0.id == before && $0.state == .verifyOnly })
            #expect(mode(directory + "/tokens.json") == 0o600)
        }
    }

    @Test func whatACrashLeftBehindIsNoHindrance() throws {
        try withTemporaryDirectory { directory in
            var keys = try KeySet.create(in: directory)
            try Data("torn".utf8).write(to: URL(filePath: directory + "/tokens.json.new"))
            try keys.rotate(now: now)
            #expect(try KeySet.load(from: directory).tokens.active.id == keys.tokens.active.id)
        }
    }

    @Test func aDirectoryThatCannotBeWrittenIsOneSentence() throws {
        #expect(throws: IdentityError.keyFile(path: "/nonexistent/keys", reason: "No such file or directory")) {
            try KeySet.create(in: "/nonexistent/keys")
        }
    }

    @Test(arguments: ["", "short", "{}", "[1,]"])
    func damagedFilesAreRefused(_ text: String) throws {
        for name in ["pepper", "tokens.json"] {
            try withTemporaryDirectory { directory in
                _ = try KeySet.create(in: directory)
                try KeyFile.write(Array(text.utf8), to: "\(directory)/\(name)", isReplacing: true)
                #expect(throws: IdentityError.self) { try KeySet.load(from: directory) }
            }
        }
    }
}
