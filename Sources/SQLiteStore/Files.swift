//  Files and directories of the data directory: made, written, read and synced.

import DocumentStore
import Foundation
import Glibc

/// An open file, closed with its last reference.
final class File: Sendable {
    private let path: String
    private let descriptor: Int32

    /// Makes a new file; one that exists is an error.
    init(creating path: String, mode: mode_t = 0o600) throws(StoreError) {
        self.path = path
        descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw fileError(errno, "make \(path)") }
        // The mode is what was asked for, whatever the process's mask is.
        guard fchmod(descriptor, mode) == 0 else { throw fileError(errno, "set the mode of \(path)") }
    }

    /// Opens a file for reading; nil if there is none.
    init?(reading path: String) throws(StoreError) {
        self.path = path
        descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw fileError(errno, "open \(path)")
        }
    }

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

    func write(_ bytes: [UInt8]) throws(StoreError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw fileError(count < 0 ? errno : ENOSPC, "write \(path)") }
            written += count
        }
    }

    func sync() throws(StoreError) {
        guard fsync(descriptor) == 0 else { throw fileError(errno, "sync \(path)") }
    }

    /// Returns up to `count` further bytes; an empty array at the end.
    func read(upTo count: Int) throws(StoreError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            while count < 0, errno == EINTR { count = Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
            if count < 0 { failure = errno }
            filled = max(count, 0)
        }
        guard failure == 0 else { throw fileError(failure, "read \(path)") }
        return bytes
    }

    /// Returns the next bytes, a piece that is small; nil at the end.
    func nextPiece() throws(StoreError) -> [UInt8]? {
        let piece = try read(upTo: 1 << 16)
        return piece.isEmpty ? nil : piece
    }

    func readAll() throws(StoreError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try nextPiece() { bytes += piece }
        return bytes
    }
}

/// Makes an empty file that only its owner reads, unless there is one.
func makeFile(_ path: String) throws(StoreError) {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw fileError(errno, "make \(path)") }
    Glibc.close(descriptor)
}

/// Makes a directory and its entry in its parent durable; one that exists is left as it is.
func makeDirectory(_ path: String, mode: mode_t = 0o700) throws(StoreError) {
    guard mkdir(path, mode) == 0 else {
        guard errno == EEXIST else { throw fileError(errno, "make directory \(path)") }
        return
    }
    guard chmod(path, mode) == 0 else { throw fileError(errno, "set the mode of \(path)") }
    try syncDirectory(parent(of: path))
}

/// The directory that a file or directory is in.
func parent(of path: String) -> String { URL(fileURLWithPath: path).deletingLastPathComponent().path }

/// Makes the entries of a directory durable.
///
/// - Parameter onFailure: told when the sync itself failed, so that what is on disk is unknown.
func syncDirectory(_ path: String, onFailure: (StoreError) -> Void = { _ in }) throws(StoreError) {
    let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw fileError(errno, "open \(path)") }
    defer { Glibc.close(descriptor) }
    guard fsync(descriptor) == 0 else {
        let error = StoreError.io(operation: "sync \(path)", reason: reason(errno))
        onFailure(error)
        throw error
    }
}

/// The names in a directory, sorted.
func names(in directory: String) throws(StoreError) -> [String] {
    guard let stream = opendir(directory) else { throw fileError(errno, "list \(directory)") }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}

/// When a file was last written, in Unix seconds; nil if there is none.
func modified(_ path: String) throws(StoreError) -> Int64? {
    var status = stat()
    guard stat(path, &status) == 0 else {
        if errno == ENOENT { return nil }
        throw fileError(errno, "look at \(path)")
    }
    return Int64(status.st_mtim.tv_sec)
}

/// The error of a call that failed.
func fileError(_ code: Int32, _ operation: String) -> StoreError {
    code == ENOSPC || code == EDQUOT ? .full : .io(operation: operation, reason: reason(code))
}

/// An error number in words.
func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
