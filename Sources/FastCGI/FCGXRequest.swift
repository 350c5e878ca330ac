//  libfcgi's side of one request: what a worker reads from and writes to.
//
//  libfcgi accepts connections itself only if FCGX_Request.ipcFd is negative. The worker sets that field, and
//  keepConnection and detached next to it, so that libfcgi serves a descriptor that is ours and leaves its closing to
//  us. The header asks not to use these fields; FCGXRequestTests hold the packaged library to what is written here.

import CFastCGI
import Glibc
import HTTPMessage

/// One FCGX_Request, used again for every request of a worker, by that worker's thread only.
final class FCGXRequest {
    private let request: UnsafeMutablePointer<FCGX_Request>
    /// Changes with every request, so that a body that outlives its request reads nothing of the next one.
    private(set) var serial = 0
    /// How many bytes of the current request's body were read.
    private(set) var bodyBytesRead = 0

    /// `prepareLibrary` has been called before.
    init() {
        request = .allocate(capacity: 1)
        FCGX_InitRequest(request, -1, 0)
    }

    deinit {
        request.deallocate()
    }

    /// Reads the head of the next request on a connection.
    ///
    /// - Returns: false if the peer left, fell silent, or does not speak FastCGI; the connection is closed then.
    func accept(on connection: Int32) -> Bool {
        serial &+= 1
        bodyBytesRead = 0
        request.pointee.ipcFd = connection
        // Else Accept_r begins by closing what it takes for the previous request's connection.
        request.pointee.keepConnection = 1
        // Else closing ends in select(), which overruns its set from descriptor 1,024 on.
        request.pointee.detached = 1
        // On a bad record Accept_r closes the connection and tries to accept another one on listen_sock, which is -1.
        guard FCGX_Accept_r(request) == 0 else { return false }
        // Accept_r takes parameters that break off for ones that ended; a request without its last fields is none.
        guard !isBroken else {
            abandon()
            _ = close(connection)
            return false
        }
        return true
    }

    /// Whether the peer asked to keep the connection.
    var isKept: Bool { request.pointee.keepConnection != 0 }

    /// The meta-variables of the current request.
    func parameters() -> CGIParameters {
        var parameters = CGIParameters()
        parameters.reserveCapacity(entries: 48, bytes: 2_048)
        guard var entry = request.pointee.envp else { return parameters }
        while let assignment = entry.pointee {
            parameters.append(assignment: UnsafeRawBufferPointer(start: assignment, count: strlen(assignment)))
            entry += 1
        }
        return parameters
    }

    /// Returns up to `count` bytes of the body; fewer only if it ends before.
    func read(upTo count: Int) -> [UInt8] {
        let wanted = Int32(clamping: count)
        guard wanted > 0 else { return [] }
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(wanted)) { buffer, filled in
            guard let start = buffer.baseAddress else { return }
            filled = start.withMemoryRebound(to: CChar.self, capacity: Int(wanted)) { text in
                Int(FCGX_GetStr(text, wanted, request.pointee.in))
            }
        }
        bodyBytesRead += bytes.count
        return bytes
    }

    /// Reads and forgets at most `limit` bytes, and the record that ends the body.
    ///
    /// What is left unread of a request would be taken for the head of the next one.
    ///
    /// - Returns: whether the body's end was reached in good order.
    func discardBody(limit: Int) -> Bool {
        var rest = limit
        while rest > 0 {
            let count = read(upTo: min(rest, 65_536)).count
            if count == 0 { break }
            rest -= count
        }
        return FCGX_GetChar(request.pointee.in) < 0 && !isBroken
    }

    /// Whether reading ended by an error: the peer left or fell silent.
    var isBroken: Bool { FCGX_GetError(request.pointee.in) != 0 }

    /// Buffers bytes of the response, and sends them as the buffer of 8 KiB fills up.
    ///
    /// - Throws: `.peerLeft`.
    func write(_ bytes: ArraySlice<UInt8>) throws(FastCGIError) {
        let isTaken = bytes.withUnsafeBytes { buffer in
            guard let start = buffer.assumingMemoryBound(to: CChar.self).baseAddress else { return true }
            return FCGX_PutStr(start, Int32(clamping: buffer.count), request.pointee.out) == buffer.count
        }
        guard isTaken else { throw .peerLeft }
    }

    /// Sends what is buffered, and the record that ends the request. The connection stays open.
    ///
    /// - Throws: `.peerLeft`.
    func finish() throws(FastCGIError) {
        // FCGX_Finish_r without its closing of the connection.
        let errors = FCGX_FClose(request.pointee.err)
        let output = FCGX_FClose(request.pointee.out)
        abandon()
        if errors != 0 || output != 0 { throw .peerLeft }
    }

    /// Forgets the request without a further word to the peer. The connection stays open.
    func abandon() {
        serial &+= 1
        request.pointee.ipcFd = -1
        FCGX_Free(request, 0)
    }

    /// Prepares libfcgi, once a process, and gives back the signal actions that it takes.
    static func prepareLibrary() throws(FastCGIError) {
        guard libraryStatus == 0 else { throw .io(errno: libraryStatus, operation: "FCGX_Init") }
    }

    private static let libraryStatus: Int32 = {
        var terminate = sigaction()
        var user = sigaction()
        sigaction(SIGTERM, nil, &terminate)
        sigaction(SIGUSR1, nil, &user)
        let status = FCGX_Init()
        sigaction(SIGTERM, &terminate, nil)
        sigaction(SIGUSR1, &user, nil)
        // A peer that left is an error of the write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        return status
    }()
}
