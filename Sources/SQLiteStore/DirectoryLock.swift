//  The lock that makes one process the owner of a data directory.

import DocumentStore
import Foundation
import Glibc

/// Holds `lock` in the data directory, with the process id in it, until it is released or the process ends.
final class DirectoryLock: Sendable {
    private let descriptor: Int32

    /// Creates the directory if it is not there, mode 0700, and takes its lock.
    ///
    /// - Throws: `.locked` if another store holds it, `.io` if the directory or the file cannot be made.
    init(directory: String) throws(StoreError) {
        try makeDirectory(directory)
        let path = directory + "/lock"
        descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .io(operation: "open \(path)", reason: reason(errno)) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let owner = processID(in: descriptor)
            Glibc.close(descriptor)
            throw code == EWOULDBLOCK ? .locked(by: owner) : .io(operation: "lock \(path)", reason: reason(code))
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else {
            let code = errno
            Glibc.close(descriptor)
            throw .io(operation: "write \(path)", reason: reason(code))
        }
    }

    /// Lets another store open the directory.
    func release() { flock(descriptor, LOCK_UN) }

    deinit { Glibc.close(descriptor) }
}

/// The number that the owner wrote, or 0 while it is writing.
private func processID(in descriptor: Int32) -> Int32 {
    var buffer = [UInt8](repeating: 0, count: 16)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return 0 }
    return Int32(String(decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)) ?? 0
}
