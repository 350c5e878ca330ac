//  What a browser sends by itself counts only when its own site asked for it.

import Foundation
import TestServer
import Testing

@Suite struct CrossSiteTests {
    let server: TestServer

    init() throws { server = try TestServer() }

    /// What the browser says of the site that asked, and the status.
    static let sites: [(String?, Int)] = [
        (nil, 200), ("same-origin", 200), ("none", 200), ("cross-site", 401), ("same-site", 401), ("nonsense", 401),
    ]

    @Test(arguments: sites)
    func anotherSiteCannotUseRememberedCredentials(site: String?, status: Int) throws {
        // The MD5 of admin:secret, as Basic credentials carry it.
        let credentials = Data("\(server.master.account):2d1e4f91dae49cd08eaba2293e422273".utf8).base64EncodedString()
        var fields = ["HTTP_AUTHORIZATION": "Basic \(credentials)"]
        fields["HTTP_SEC_FETCH_SITE"] = site
        let target = "/v2/accounts/\(server.master.account)"
        #expect(try server.send("GET", target, fields: fields).status == status)
    }

    @Test func aTokenInAFieldIsNobodysByItself() throws {
        let target = "/v2/accounts/\(server.master.account)"
        let fields = ["HTTP_SEC_FETCH_SITE": "cross-site"]
        #expect(try server.send("GET", target, token: server.master.adminToken, fields: fields).status == 200)
    }
}
