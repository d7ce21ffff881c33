using Dvs.Proxy.Tests.Exploration.Scheduling;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace Dvs.Proxy.Tests.Exploration.Rewriting;

/// <summary>
/// Makes the library's code call <see cref="Controlled"/>: before every synchronization operation a point where the scheduler may let another
/// thread run, and the scheduler's primitives in place of the system's. Code that does not synchronize stays as it is.
/// </summary>
internal sealed class Rewriter
{
    // In these also plain fields that change are looked at between threads, or may be by mistake.
    private static readonly string[] Dense = ["AcknowledgementMailbox", "ConnectionHandover", "ConnectionWatcher", "ThreadGate"];

    private static readonly Dictionary<string, string> Replacements = new()
    {
        ["System.Threading.Monitor::Enter"] = nameof(Controlled.Enter),
        ["System.Threading.Monitor::Exit"] = nameof(Controlled.Exit),
        ["System.Threading.Monitor::Wait"] = nameof(Controlled.Wait),
        ["System.Threading.Monitor::Pulse"] = nameof(Controlled.Pulse),
        ["System.Threading.Monitor::PulseAll"] = nameof(Controlled.PulseAll),
        ["System.Threading.Thread::.ctor"] = nameof(Controlled.NewThread),
        ["System.Threading.Thread::Start"] = nameof(Controlled.Start),
        ["System.Threading.Thread::Join"] = nameof(Controlled.Join),
        ["System.Threading.ManualResetEventSlim::Set"] = nameof(Controlled.Set),
        ["System.Threading.ManualResetEventSlim::Reset"] = nameof(Controlled.Reset),
        ["System.Threading.ManualResetEventSlim::Wait"] = nameof(Controlled.Wait),
        ["System.Threading.WaitHandle::WaitOne"] = nameof(Controlled.WaitOne),
        ["System.Threading.CancellationTokenSource::Cancel"] = nameof(Controlled.Cancel),
        ["System.Threading.CancellationTokenSource::CancelAfter"] = nameof(Controlled.CancelAfter),
        ["System.Environment::get_TickCount64"] = nameof(Controlled.TickCount64),
    };

    private static readonly string[] PointsOnly =
    [
        "System.Threading.Interlocked", "System.Threading.Volatile", "System.Collections.Concurrent.ConcurrentQueue`1",
        "System.Threading.CancellationTokenSource",
    ];

    private readonly ModuleDefinition _module;
    private readonly MethodReference _point;

    private Rewriter(ModuleDefinition module)
    {
        _module = module;
        _point = module.ImportReference(typeof(Controlled).GetMethod(nameof(Controlled.Point)));
    }

    /// <summary>The rewritten assembly.</summary>
    /// <param name="path">The library as built.</param>
    /// <param name="mutation">A fault to put into it; null for none.</param>
    public static byte[] Rewrite(string path, Mutation? mutation)
    {
        using var assembly = AssemblyDefinition.ReadAssembly(path);
        mutation?.Apply(assembly.MainModule);
        var rewriter = new Rewriter(assembly.MainModule);
        foreach (var type in assembly.MainModule.GetTypes().Where(IsExplored))
        {
            foreach (var method in type.Methods.Where(static method => method.HasBody))
            {
                rewriter.Rewrite(method);
            }
        }

        using var result = new MemoryStream();
        assembly.Write(result);
        return result.ToArray();
    }

    private static bool IsExplored(TypeDefinition type)
    {
        var outer = type;
        while (outer.DeclaringType is not null)
        {
            outer = outer.DeclaringType;
        }

        // What only checks is no point at which threads meet.
        return outer.Namespace == "Dvs.Proxy.Transport"
            || (outer.Namespace.StartsWith("Dvs.Proxy.Pairing", StringComparison.Ordinal) && outer.Namespace != "Dvs.Proxy.Pairing.Invariants");
    }

    private void Rewrite(MethodDefinition method)
    {
        var body = method.Body;
        body.SimplifyMacros();
        foreach (var instruction in body.Instructions.ToArray())
        {
            var replacement = FindReplacement(instruction);
            if (replacement is not null || IsPoint(method, instruction))
            {
                var label = $"{method.DeclaringType.Name}.{method.Name}: {Describe(instruction)}";
                var original = Instruction.Create(OpCodes.Nop);
                (original.OpCode, original.Operand) = (instruction.OpCode, instruction.Operand);
                if (replacement is not null)
                {
                    (original.OpCode, original.Operand) = (OpCodes.Call, replacement);
                }

                // In place, so that whatever jumps here passes the point.
                (instruction.OpCode, instruction.Operand) = (OpCodes.Ldstr, label);
                var processor = body.GetILProcessor();
                var call = processor.Create(OpCodes.Call, _point);
                processor.InsertAfter(instruction, call);
                processor.InsertAfter(call, original);
            }
        }

        body.OptimizeMacros();
    }

    private MethodReference? FindReplacement(Instruction instruction)
    {
        if (instruction.Operand is not MethodReference method
            || !Replacements.TryGetValue($"{method.DeclaringType.FullName}::{method.Name}", out var name))
        {
            return null;
        }

        string[] parameters = [.. method.Parameters.Select(static parameter => parameter.ParameterType.FullName)];
        if (method.HasThis && method.Name != ".ctor")
        {
            parameters = [method.DeclaringType.FullName, .. parameters];
        }

        var target = typeof(Controlled).GetMethods().SingleOrDefault(candidate =>
            candidate.Name == name && candidate.GetParameters().Select(static parameter => parameter.ParameterType.FullName).SequenceEqual(parameters))
            ?? throw new NotSupportedException($"The explorer does not know {method.FullName}. Add it to {nameof(Controlled)}.");
        return _module.ImportReference(target);
    }

    private static bool IsPoint(MethodDefinition method, Instruction instruction) => instruction.OpCode.Code switch
    {
        Code.Volatile => true,
        Code.Call or Code.Callvirt => PointsOnly.Contains(((MethodReference)instruction.Operand).DeclaringType.GetElementType().FullName)
            && !((MethodReference)instruction.Operand).Name.StartsWith("Dispose", StringComparison.Ordinal),
        Code.Ldfld or Code.Stfld => Dense.Contains(method.DeclaringType.Name) && !method.IsConstructor
            && instruction.Previous?.OpCode.Code != Code.Volatile
            && instruction.Operand is FieldDefinition { IsInitOnly: false },
        _ => false,
    };

    private static string Describe(Instruction instruction) => instruction switch
    {
        { Operand: MethodReference method } => $"{method.DeclaringType.Name}.{method.Name}",
        { OpCode.Code: Code.Volatile, Next.Operand: FieldReference field } => $"volatile {field.Name}",
        { Operand: FieldReference field } => field.Name,
        _ => instruction.OpCode.Name,
    };
}
