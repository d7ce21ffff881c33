namespace Dvs.Proxy.Tests.Configuration.Classic;

/// <summary>The examples of the original author's notes, byte for byte.</summary>
internal static class FieldNotes
{
    /// <summary>The example of the to-do list: its node section ends with a bare semicolon (line 5).</summary>
    public const string WithBareSemicolon =
        "# this is a comment \n" +
        "node node0 {\n" +
        "\tnodeid \t\t0;\n" +
        "\tbaseport\t3000;\n" +
        ";\n" +
        "\n" +
        "proxy node1 {\n" +
        "\tproxyID\t\t1;\n" +
        "\tsendPID\t\tYES;\n" +
        "\tcompression\tYES; \n" +
        "\tbatch\t\tYES;\n" +
        "\tautobind\tYES;\t\n" +
        "};\n" +
        "\n" +
        "proxy node2 {\n" +
        "\tproxyID\t\t2;\n" +
        "\tsendPID\t\tNO;\n" +
        "\tcompression\tNO; \n" +
        "\tbatch\t\tNO;\n" +
        "\tautobind\tNO;\t\n" +
        "};\n";

    /// <summary>The entry of 2021-11-15.</summary>
    public const string OneProxy =
        "\tproxy node1 {\n" +
        "\t\tproxyid\t\t1;\n" +
        "\t\tproto\t\ttcp; \n" +
        "\t\trport\t\t3001;\n" +
        "\t\tsport\t\t3000; \n" +
        "\t\tcompress\tNO; \n" +
        "\t\tbatch\t\tNO;\n" +
        "\t\tautobind\tNO;\t\t\n" +
        "\t};\n";

    /// <summary>The example of the format's description.</summary>
    public const string Described = """
        # this is a comment
        node node0 {
            nodeid      0;
            baseport    3000;
        };

        proxy node1 {
            proxyid     1;
            proto       tcp;
            rport       3001;
            sport       3000;
            compress    YES;
            batch       YES;
            autobind    NO;
            rname       node0;
        };
        """;

    /// <summary>The example of the to-do list as it was meant.</summary>
    public static string Corrected { get; } = WithBareSemicolon.Replace("\n;\n", "\n};\n", StringComparison.Ordinal);
}
