//  Directories made and synced.

import DocumentStore
import Foundation
import Glibc

/// Makes a directory, mode 0700, and its entry in its parent durable; one that exists is left as it is.
func makeDirectory(_ path: String) throws(StoreError) {
    guard mkdir(path, 0o700) != 0 else { return try syncDirectory(parent(of: path)) }
    let code = errno
    guard code == EEXIST else { throw .io(operation: "make directory \(path)", reason: reason(code)) }
}

/// Makes the entries of a directory durable.
func syncDirectory(_ path: String) throws(StoreError) {
    let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .io(operation: "open \(path)", reason: reason(errno)) }
    defer { Glibc.close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .io(operation: "sync \(path)", reason: reason(errno)) }
}

private func parent(of path: String) -> String {
    URL(fileURLWithPath: path).deletingLastPathComponent().path
}

/// An error number in words.
func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
