//  Feeds arbitrary bytes to what reads the parameters of a FastCGI request, in records of arbitrary sizes.
//
//  libfcgi 2.4.2 aborts by an assertion when it cannot allocate what a name or a value says is its length. The socket
//  lets nobody in but the web server (PeerPolicy), which sends no such lengths; inputs with one are left out here.
//
//  Built by ./run in one module with the sources of the FastCGI edge that it needs.

import CFastCGI
import Glibc
import HTTPMessage

/// Promises: reading ends and traps nowhere, also within libfcgi; a parameter is what came, byte for byte; the head that
/// is read of the parameters has a method, a target and no negative length.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzParameters(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard (try? FCGXRequest.prepareLibrary()) != nil else { preconditionFailure("libfcgi does not start") }
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let size = input.first, isWithinReason(input.dropFirst()) else { return 0 }
    serve(records(parameters: input.dropFirst(), size: Int(size) + 1)) { parameters in
        guard let head = try? RequestHead(parameters) else { return }
        precondition(!head.method.rawValue.isEmpty && !head.target.isEmpty, "a head with nothing in it")
        precondition(head.bodyLength ?? 0 >= 0, "a negative length")
        precondition(contains(input, head.target), "a target out of nowhere")
    }
    return 0
}

/// Gives the bytes to libfcgi on a connection that ends after them, and what it read to `check`.
private func serve(_ stream: [UInt8], check: (CGIParameters) -> Void) {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { return }
    let (ours, theirs) = (ends[0], ends[1])
    // Short of the socket's buffer, so that nobody waits.
    _ = send(ours, stream, min(stream.count, 65_536), Int32(MSG_DONTWAIT))
    shutdown(ours, Int32(SHUT_WR))
    let request = FCGXRequest()
    if request.accept(on: theirs) {
        check(request.parameters())
        while !request.read(upTo: 512).isEmpty {}
        request.abandon()
        close(theirs)
    }
    close(ours)
}

/// Whether all lengths of names and values are below a megabyte. Source: FastCGI 1.0 §3.4.
private func isWithinReason(_ parameters: ArraySlice<UInt8>) -> Bool {
    var rest = parameters
    while !rest.isEmpty {
        var lengths = 0
        for _ in 0..<2 {
            guard let first = rest.first else { return true }
            let bytes = rest.prefix(first < 128 ? 1 : 4)
            let length = bytes.reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF
            guard length < 1 << 20 else { return false }
            lengths += length
            rest = rest.dropFirst(bytes.count)
        }
        rest = rest.dropFirst(lengths)
    }
    return true
}

/// A request of the responder's role with these bytes as its parameters, in records of at most `size` bytes each.
/// Source: FastCGI 1.0 §3.3, §5.1, §5.2.
private func records(parameters: ArraySlice<UInt8>, size: Int) -> [UInt8] {
    var stream: [UInt8] = [1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    var rest = parameters
    while !rest.isEmpty {
        let content = rest.prefix(size)
        let padding = content.count % 8
        stream += [1, 4, 0, 1, UInt8(content.count >> 8), UInt8(content.count & 255), UInt8(padding), 0]
        stream += content + [UInt8](repeating: 0, count: padding)
        rest = rest.dropFirst(size)
    }
    return stream + [1, 4, 0, 1, 0, 0, 0, 0, 1, 5, 0, 1, 0, 0, 0, 0]
}

private func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
    guard bytes.count >= part.count else { return false }
    return (0...(bytes.count - part.count)).contains { bytes[$0..<($0 + part.count)].elementsEqual(part) }
}
