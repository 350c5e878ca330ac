//  Disk space that is held back, so that a full disk leaves room to delete, to deliver and to tidy up.
//
//  A full disk refuses what needs space and gives the reserve to the rest. When there is room again, the reserve is
//  taken back first, and then everything goes on.

import Glibc
import Synchronization

final class SpaceReserve: Sendable {
    private let path: String
    private let bytes: Int
    /// Whether the reserve is given up. Held for the flag only, never across I/O; the writer's turn keeps it consistent.
    private let isGivenUp = Mutex(false)

    /// - Parameter bytes: 0 for no reserve.
    init(_ path: String, bytes: Int) {
        self.path = path
        self.bytes = bytes
    }

    /// Whether there is so little space that only what needs none may be written.
    var isShort: Bool { isGivenUp.withLock { $0 } }

    /// Takes the reserve when the store is opened; a disk that is full already makes the store begin short of space.
    func open() {
        guard bytes > 0 else {
            unlink(path)
            return
        }
        let isTaken = take()
        isGivenUp.withLock { $0 = !isTaken }
    }

    /// Frees the reserve; false if there was none left.
    func giveUp() -> Bool {
        guard bytes > 0, !isShort else { return false }
        unlink(path)
        isGivenUp.withLock { $0 = true }
        return true
    }

    /// Takes the reserve back if it leaves as much again for writing.
    ///
    /// Cost: one call to the kernel while there is no room.
    func tryToRecover() {
        guard isShort else { return }
        var system = statvfs()
        guard statvfs(parent(of: path), &system) == 0,
            Int(clamping: system.f_bavail) >= 2 * bytes / max(1, Int(system.f_frsize)), take()
        else { return }
        isGivenUp.withLock { $0 = false }
    }

    private func take() -> Bool {
        let file = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        defer { close(file) }
        guard posix_fallocate(file, 0, bytes) == 0, ftruncate(file, bytes) == 0 else {
            unlink(path)
            return false
        }
        return true
    }
}
