//  Many HTTP requests at once on one thread, none of which can hold up another. Source: libcurl-multi(3).

import CCurl
import Glibc

/// What a webhook's receiver may do.
package struct TransferLimits: Sendable {
    /// Milliseconds until a connection stands, the look-up of the name included.
    package var connectTime = 5_000
    /// Milliseconds for everything.
    package var time = 10_000
    /// Bytes of the answer, head and body, that are read.
    package var answerSize = 65_536

    package init() {}
}

/// What became of a request.
struct TransferOutcome: Equatable {
    /// The status of the answer, if there was one.
    var status: Int?
    /// Why no answer came, in words.
    var error: String?
}

/// Transfers in flight, for one thread.
final class HTTPTransfers {
    /// What is in flight, by the number that was given with it.
    private var transfers: [Int: Transfer] = [:]
    private let multi: UnsafeMutableRawPointer
    private let policy: NetworkPolicy
    private let limits: TransferLimits

    init(policy: NetworkPolicy, limits: TransferLimits) {
        precondition(Self.isReady, "libcurl cannot be used")
        guard let multi = curl_multi_init() else { preconditionFailure("no memory for libcurl") }
        self.multi = multi
        self.policy = policy
        self.limits = limits
    }

    deinit {
        for transfer in transfers.values { curl_multi_remove_handle(multi, transfer.handle) }
        curl_multi_cleanup(multi)
    }

    var count: Int { transfers.count }

    /// Begins a request; its outcome has the same number.
    func begin(_ request: HookRequest, number: Int) {
        let transfer = Transfer(request, policy: policy, limits: limits, number: number)
        transfers[number] = transfer
        curl_multi_add_handle(multi, transfer.handle)
    }

    /// Waits until something is to be done, at most `milliseconds`, or until one of the descriptors is readable.
    func wait(milliseconds: Int, orFor descriptors: [Int32]) {
        var watched = descriptors.map { curl_waitfd(fd: $0, events: Int16(CURL_WAIT_POLLIN), revents: 0) }
        curl_multi_poll(multi, &watched, UInt32(watched.count), Int32(clamping: max(0, milliseconds)), nil)
    }

    /// Sends and receives what can be, and returns what has ended.
    func advance() -> [(number: Int, outcome: TransferOutcome)] {
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        var ended: [(number: Int, outcome: TransferOutcome)] = []
        var rest: Int32 = 0
        while let message = curl_multi_info_read(multi, &rest) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            let result = message.pointee.data.result
            guard let transfer = transfers.values.first(where: { $0.handle == handle }) else { continue }
            ended.append((transfer.number, transfer.outcome(result)))
            curl_multi_remove_handle(multi, handle)
            transfers[transfer.number] = nil
        }
        return ended
    }

    private static let isReady = curl_global_init(3) == CURLE_OK
}

/// One request in flight. libcurl's callbacks reach it by its address, as long as its handle lives.
private final class Transfer {
    let handle: UnsafeMutableRawPointer
    let number: Int
    private let policy: NetworkPolicy
    private let answerLimit: Int
    private let fields: UnsafeMutablePointer<curl_slist>?
    private var received = 0
    /// The address that was refused, if one was.
    private var refusal: String?

    init(_ request: HookRequest, policy: NetworkPolicy, limits: TransferLimits, number: Int) {
        guard let handle = curl_easy_init() else { preconditionFailure("no memory for libcurl") }
        self.handle = handle
        self.number = number
        self.policy = policy
        answerLimit = limits.answerSize
        // libcurl would ask before it sends a body.
        fields = (["Expect:"] + request.fields).reduce(nil) { curl_slist_append($0, $1) }

        text(CURLOPT_URL, request.uri)
        text(CURLOPT_PROTOCOLS_STR, "http,https")
        text(CURLOPT_CUSTOMREQUEST, request.method)
        // A proxy of the environment would connect to what may not be connected to.
        text(CURLOPT_PROXY, "")
        integer(CURLOPT_FOLLOWLOCATION, 0)
        integer(CURLOPT_NOSIGNAL, 1)
        integer(CURLOPT_CONNECTTIMEOUT_MS, limits.connectTime)
        integer(CURLOPT_TIMEOUT_MS, limits.time)
        pointer(CURLOPT_HTTPHEADER, fields.map(UnsafeMutableRawPointer.init))
        if var body = request.body {
            integer(CURLOPT_POSTFIELDSIZE, body.count)
            body.withUnsafeMutableBytes { pointer(CURLOPT_COPYPOSTFIELDS, $0.baseAddress) }
        }
        let me = Unmanaged.passUnretained(self).toOpaque()
        _ = jackfield_setopt_write(handle, CURLOPT_WRITEFUNCTION, countBytes)
        pointer(CURLOPT_WRITEDATA, me)
        _ = jackfield_setopt_write(handle, CURLOPT_HEADERFUNCTION, countBytes)
        pointer(CURLOPT_HEADERDATA, me)
        _ = jackfield_setopt_opensocket(handle, openSocket)
        pointer(CURLOPT_OPENSOCKETDATA, me)
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(fields)
    }

    func outcome(_ result: CURLcode) -> TransferOutcome {
        var status = 0
        _ = jackfield_getinfo_long(handle, CURLINFO_RESPONSE_CODE, &status)
        let known = status >= 200 ? status : nil
        if result == CURLE_OK { return TransferOutcome(status: known, error: known == nil ? "no answer" : nil) }
        // What the receiver says behind its status is of no interest, and need not end.
        if let known, received > answerLimit { return TransferOutcome(status: known, error: nil) }
        if let refusal { return TransferOutcome(status: nil, error: "the address \(refusal) is not allowed") }
        return TransferOutcome(status: known, error: String(cString: curl_easy_strerror(result)))
    }

    /// Whether the next bytes of the answer are to be read.
    func take(_ count: Int) -> Bool {
        received += count
        return received <= answerLimit
    }

    /// Makes the socket of a connection to an address, unless that is not allowed. It is this address that is connected
    /// to, whatever the name means to others at another time.
    func socket(to address: UnsafePointer<curl_sockaddr>) -> Int32 {
        let target = jackfield_socket_address(address)
        let place = target.flatMap { IPAddress($0, length: Int(address.pointee.addrlen)) }
        guard let place, policy.admits(place) else {
            refusal = place?.description ?? "of this family"
            return -1
        }
        let type = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
        return Glibc.socket(address.pointee.family, type, address.pointee.protocol)
    }

    private func text(_ option: CURLoption, _ value: String) { _ = jackfield_setopt_text(handle, option, value) }
    private func integer(_ option: CURLoption, _ value: Int) { _ = jackfield_setopt_long(handle, option, value) }
    private func pointer(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) {
        _ = jackfield_setopt_pointer(handle, option, value)
    }
}

private func countBytes(
    _ data: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ transfer: UnsafeMutableRawPointer?
) -> Int {
    guard let transfer else { return 0 }
    return Unmanaged<Transfer>.fromOpaque(transfer).takeUnretainedValue().take(size * count) ? size * count : 0
}

private func openSocket(
    _ transfer: UnsafeMutableRawPointer?,
    _ purpose: curlsocktype,
    _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let transfer, let address else { return -1 }
    return Unmanaged<Transfer>.fromOpaque(transfer).takeUnretainedValue().socket(to: address)
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
