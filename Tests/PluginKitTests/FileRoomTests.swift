//  Room that is set aside for files on their way.

import DocumentStore
import Foundation
import Gateway
import Synchronization
import Testing

@testable import PluginKit

@Suite struct FileRoomTests {
    let room = FileRoom()
    let account = Scope.account(DocumentID("a"))

    /// Bytes that are stored and set aside, what is needed and wanted, and the answer with room for 100.
    @Test(arguments: [
        (0, 0, 100...100, FileRoom.Answer.granted(100)), (0, 1, 100...100, .refused(1)),
        (60, 30, 10...10, .granted(10)),
        (60, 30, 11...11, .refused(90)), (60, 30, 1...50, .granted(10)), (101, 0, 1...1, .refused(101)),
    ])
    func asMuchIsGrantedAsIsLeft(stored: Int, aside: Int, count: ClosedRange<Int>, answer: FileRoom.Answer) throws {
        if aside > 0 { _ = try room.reserve(aside...aside, in: account, quota: .max) { 0 } }
        #expect(try room.reserve(count, in: account, quota: 100) { stored } == answer)
        #expect(try room.reserve(1...1, in: .system, quota: 1) { 0 } == .granted(1))
    }

    @Test func whatIsGivenBackCanBeHadAgain() throws {
        _ = try room.reserve(100...100, in: account, quota: 100) { 0 }
        room.release(40, in: account)
        #expect(try room.reserve(41...41, in: account, quota: 100) { 0 } == .refused(60))
        #expect(throws: APIError.self) {
            try room.enter(60, in: account) { () throws(APIError) in throw .badRequest("x") }
        }
        #expect(try room.reserve(100...100, in: account, quota: 100) { 0 } == .granted(100))
        room.release(100, in: account)
        #expect(room.bytesAside == 0)
    }

    /// A file that is being entered is stored, and still set aside.
    @Test(.timeLimit(.minutes(1)))
    func aFileThatIsBeingEnteredIsNotCountedTwice() throws {
        _ = try room.reserve(50...50, in: account, quota: 100) { 0 }
        let hasLooked = DispatchSemaphore(value: 0)
        let isDone = DispatchSemaphore(value: 0)
        let answer = Mutex<FileRoom.Answer?>(nil)
        try room.enter(50, in: account) { () throws(APIError) in
            Thread { [room, account] in
                let given = try? room.reserve(50...50, in: account, quota: 100) {
                    hasLooked.signal()
                    return 50
                }
                answer.withLock { $0 = given }
                isDone.signal()
            }.start()
            hasLooked.wait()
        }
        isDone.wait()
        #expect(answer.withLock { $0 } == .granted(50))
        room.release(50, in: account)
        #expect(room.bytesAside == 0)
    }

    /// A file that is entered while what is stored is being read may not be in what was read.
    @Test func aFileThatIsEnteredMeanwhileIsCounted() throws {
        _ = try room.reserve(50...50, in: account, quota: 100) { 0 }
        var stored = 0
        let answer = try room.reserve(60...60, in: account, quota: 100) { () throws(APIError) in
            guard stored == 0 else { return stored }
            try room.enter(50, in: account) { () throws(APIError) in stored = 50 }
            return 0
        }
        #expect(answer == .refused(50))
    }
}
