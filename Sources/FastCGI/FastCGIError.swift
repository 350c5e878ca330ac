//  What can go wrong between the socket and the handler.

import Glibc

package enum FastCGIError: Error, Equatable {
    /// The service manager passed no listening Unix socket; the text says what was found instead.
    case noInheritedSocket(String)
    /// Another process answers on the path.
    case socketInUse(path: String)
    /// Something that is not a socket stands at the path.
    case notASocket(path: String)
    /// A Unix socket's path has at most 107 bytes. Source: unix(7).
    case pathTooLong(path: String)
    /// There is no user of this name.
    case noUser(String)
    /// A system call failed.
    case io(errno: Int32, operation: String)
    /// The meta-variables make no HTTP request; the text is for the client.
    case badRequest(String)
    /// The peer closed the connection, or took nothing for as long as the send timeout, while the response was sent.
    case peerLeft
    /// The handler could not make the rest of a response that it had begun.
    case brokenStream(String)
}

extension FastCGIError {
    /// The error of the system call that has just failed.
    static func lastCall(_ operation: String) -> FastCGIError {
        .io(errno: errno, operation: operation)
    }
}
