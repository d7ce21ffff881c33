using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Dvs.Proxy.Tests.Exploration.Rewriting;

/// <summary>A fault to put into the library: the calls of one method from another are left out. It shows that the explorer finds such faults.</summary>
/// <param name="Type">Where: name of the type.</param>
/// <param name="Method">Where: name of the method.</param>
/// <param name="Callee">The method that is not called; its arguments are dropped. It must return nothing.</param>
internal sealed record Mutation(string Type, string Method, string Callee)
{
    public void Apply(ModuleDefinition module)
    {
        var count = 0;
        foreach (var method in module.GetTypes().Single(type => type.Name == Type).Methods.Where(method => method.Name == Method))
        {
            foreach (var instruction in method.Body.Instructions.ToArray())
            {
                if (instruction.Operand is MethodReference callee && callee.Name == Callee)
                {
                    Drop(method, instruction, callee);
                    count++;
                }
            }
        }

        if (count == 0)
        {
            throw new InvalidOperationException($"{Type}.{Method} does not call {Callee}.");
        }
    }

    private static void Drop(MethodDefinition method, Instruction instruction, MethodReference callee)
    {
        if (callee.ReturnType.FullName != "System.Void")
        {
            throw new NotSupportedException($"{callee.FullName} returns something.");
        }

        var arguments = callee.Parameters.Count + (callee.HasThis ? 1 : 0);
        var processor = method.Body.GetILProcessor();
        (instruction.OpCode, instruction.Operand) = (OpCodes.Nop, null);
        for (var index = 0; index < arguments; index++)
        {
            processor.InsertAfter(instruction, processor.Create(OpCodes.Pop));
        }
    }
}
