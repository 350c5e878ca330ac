//  The first documents of an installation: the master account, its administrator and, if wanted, a demo company.

import PluginKit

/// Sets an installation up through the plugins' own services, so that its first documents obey the same rules as all
/// others. Each step is left out if it was done before, so an interrupted set-up can be begun again.
package struct Founding {
    private let kit: Kit
    private let time: Int64

    /// - Parameter time: Unix seconds.
    package init(_ kit: Kit, time: Int64) {
        self.kit = kit
        self.time = time
    }

    /// Makes the master account.
    package func makeMasterAccount(named name: String) throws(APIError) {
        guard try kit.directory.account(master) == nil else { return }
        _ = try kit.systemService(AccountsPlugin.self, for: call).create(["name": .string(name)])
    }

    /// Makes an administrator of the master account; gives one that an interrupted set-up left this password.
    package func makeAdministrator(_ username: String, password: String) throws(APIError) {
        if let user = try kit.directory.user(named: username, account: master) {
            _ = try service(UsersPlugin.self, in: master).merge(["password": .string(password)], into: DocumentID(user))
            return
        }
        _ = try service(UsersPlugin.self, in: master).create([
            "first_name": "Account",
            "last_name": "Admin",
            "username": .string(username),
            "password": .string(password),
            "priv_level": "admin",
        ])
    }

    /// Makes a small company below the master account, its people with their telephones, a month of their calls, and a
    /// branch office, unless they are there. Its people have passwords that nobody knows: an administrator gives them
    /// others.
    package func makeDemoCompany() throws(APIError) {
        let company = try account(named: DemoCompany.name, below: master)
        let people = try make(DemoCompany.people, in: company)
        try DemoTelephony(kit, account: company, call).make(for: people)
        try makeCalls(of: people, in: company)
        _ = try make(DemoCompany.branchPeople, in: account(named: DemoCompany.branch, below: company))
    }

    private func makeCalls(
        of people: [(person: DemoCompany.Person, user: DocumentID)],
        in account: String
    ) throws(APIError) {
        let records = CallRecords(kit.records(of: account))
        guard try records.isEmpty else { return }
        let realm = try kit.directory.document(account, account: account)?["realm"]?.string ?? "example.com"
        var calls = DemoCalls(people, realm: realm)
        try records.append(calls.records(before: time))
    }

    private func account(named name: String, below parent: String) throws(APIError) -> String {
        if let account = try kit.directory.account(named: name, realm: nil) { return account }
        return try service(AccountsPlugin.self, in: parent).create(["name": .string(name)]).id.text
    }

    private func make(
        _ people: [DemoCompany.Person],
        in account: String
    ) throws(APIError) -> [(person: DemoCompany.Person, user: DocumentID)] {
        var made: [(person: DemoCompany.Person, user: DocumentID)] = []
        for person in people {
            if let known = try kit.directory.user(named: person.username, account: account) {
                made.append((person, DocumentID(known)))
                continue
            }
            let user = try service(UsersPlugin.self, in: account).create(person.user)
            for device in person.devices(owner: user.id) {
                _ = try service(DevicesPlugin.self, in: account).create(device)
            }
            made.append((person, user.id))
        }
        return made
    }

    private var master: String { kit.installation.masterAccount.text }

    private var call: Call {
        Call(nouns: [], path: "/", method: .put, requestID: "init", time: time, isSecure: true)
    }

    private func service<Resource: ResourcePlugin>(
        _ plugin: Resource.Type,
        in account: String
    ) throws(APIError) -> BoundService {
        try kit.service(plugin, for: call, in: account)
    }
}
