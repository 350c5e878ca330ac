//  Small secret files: written whole and durably, or not at all.

import Glibc

enum KeyFile {
    /// Reads a file that nobody else may read or change.
    ///
    /// - Throws: `.keyFile` if it is missing, larger than 64 KiB, or open to others.
    static func read(_ path: String) throws(IdentityError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure(path) }
        // The group may read: systemd passes credentials with an access list, whose mask shows as the group's mode.
        guard status.st_mode & 0o027 == 0 else {
            throw .keyFile(path: path, reason: "its mode lets others read or change it; expected 0600")
        }
        guard status.st_size <= 65_536 else { throw .keyFile(path: path, reason: "too large for a key file") }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure(path) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: buffer.prefix(count))
            guard bytes.count <= 65_536 else { throw .keyFile(path: path, reason: "too large for a key file") }
        }
    }

    /// Makes a file with mode 0600 that is on disk, with its name, when this returns.
    ///
    /// The bytes go to a second name first, so that a crash leaves the old file or the new one, never a part.
    ///
    /// - Throws: `.keyFile`; also if the file is there and `isReplacing` is false.
    static func write(_ bytes: [UInt8], to path: String, isReplacing: Bool) throws(IdentityError) {
        let temporary = path + ".new"
        unlink(temporary)  // what a crash left behind
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(temporary) }
        do throws(IdentityError) {
            try writeAll(bytes, to: file, path: temporary)
            guard fsync(file) == 0 else { throw failure(temporary) }
        } catch {
            close(file)
            unlink(temporary)
            throw error
        }
        guard close(file) == 0 else { throw failure(temporary) }
        // A link is refused where a file is; a rename takes its place.
        let published = isReplacing ? rename(temporary, path) : link(temporary, path)
        guard published == 0 else {
            let error = failure(path)
            unlink(temporary)
            throw error
        }
        if !isReplacing { unlink(temporary) }
        try syncDirectory(parent(of: path))
    }

    /// Makes a directory that only its owner may enter, and syncs its name; one that is there is fine.
    static func makeDirectory(_ path: String) throws(IdentityError) {
        if mkdir(path, 0o700) != 0 && errno != EEXIST { throw failure(path) }
        try syncDirectory(parent(of: path))
    }

    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    private static func writeAll(_ bytes: [UInt8], to file: Int32, path: String) throws(IdentityError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure(path) }
            written += count
        }
    }

    private static func syncDirectory(_ path: String) throws(IdentityError) {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure(path) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failure(path) }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func failure(_ path: String) -> IdentityError {
        .keyFile(path: path, reason: String(cString: strerror(errno)))
    }
}
