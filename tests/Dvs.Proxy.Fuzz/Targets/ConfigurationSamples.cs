using Dvs.Proxy.Configuration;
using Dvs.Proxy.Tests.Configuration.Classic;

namespace Dvs.Proxy.Fuzz.Targets;

/// <summary>Configuration files, and the words they are made of.</summary>
internal static class ConfigurationSamples
{
    public static IReadOnlyList<string> Files { get; } =
    [
        FieldNotes.Described,
        "node node0 {\n\tnodeid \t\t0;\n\tbaseport\t3000;\n;\n\nproxy node1 {\n\tproxyID\t\t1;\n\tsendPID\t\tYES;\n\tcompression\tYES; \n};\n",
        "\tproxy node1 {\r\n\t\tproxyid\t\t1;\r\n\t\tproto\t\ttcp; \r\n\t\trport\t\t3001;\r\n\t\tsport\t\t3000; \r\n\t};\r\n",
        """
        node "node zero" { nodeid 0x0; baseport 04000; abi ilp32; };
        proxy n1 { proxyid 1; host "10.0.0.1"; rname ANY; hello 30; idle 90; backoff 100 5000; allow 10.0.0.0/8 ::1; compress NO; batch NO; };
        proxy n2 { proxyid 2; host fe80::1; rport 3001; autobind YES; compress YES; batch NO; };
        """,
        "proxy a { proxyid 1; sequence YES; digest MD5; window 4194304; tls { cert \"a.pem\"; key \"a.key\"; ca \"ca.pem\"; require YES; }; };",
        string.Concat(Enumerable.Range(1, 31).Select(id => $"proxy node{id} {{ proxyid {id}; compress YES; batch YES; }};\n")),
        "",
    ];

    public static IReadOnlyList<string> Words { get; } =
    [
        "{", "}", "};", ";", "\"", "\\", "\\\"", "\\x41", "\\n", "#", "\n", "\r", "\r\n", "\t", " ", "0x", "0xFFFFFFFF", "08", "-1", "31", "32",
        "65535", "65536", "4294967296", "99999999999999999999", "YES", "NO", "tcp", "udp", "tipc", "memory", "ANY", "lp64", "ilp32", "node ", "proxy ",
        "node n { nodeid 0; };", "proxy x { proxyid 3; };", "tls { };", "0.0.0.0/0", "::/0", "127.0.0.1/33", "[::1]", "1.2.3.4/", "%eth0",
        "é", "ñ", "\u2028", "\U0001F600", new string('x', 300), new string('9', 100),
        .. ClassicConfiguration.DescribeKeys().Select(static key => key.Name + " "),
    ];
}
