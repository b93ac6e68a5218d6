using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Rebound.Fuzz.Mutation;

namespace Rebound.Fuzz.Readers;

/// <summary>A reader with every fault there is, each for one input: what sees that faults are seen.</summary>
internal static class FaultyReader
{
    private const int Step = 1 << 24;

    private static readonly string[] Faults = ["fine", "crash", "hang", "memory", "heap", "unexpected", "words", "refused"];

    public static readonly FuzzReader Reader = new("faulty", ByteMutator.Instance,
        _ => [.. Faults.Select(Encoding.UTF8.GetBytes)], _ => Read)
    {
        MostMemory = 1 << 27,
    };

    private static void Read(byte[] input)
    {
        switch (Encoding.UTF8.GetString(input))
        {
            case "crash":
                Dive(0);
                break;
            case "hang":
                while (true)
                {
                    Thread.SpinWait(Step);
                }

            case "memory":
                TakeNativeMemory();
                break;
            case "heap":
                GC.KeepAlive(new byte[2 * Reader.MostMemory]);
                break;
            case "unexpected":
                throw new NotSupportedException("That was not thought of.");
            case "words":
                throw new Rebound.Text.TokenizerException("Object reference not set to an instance of an object.");
            case "refused":
                throw new Rebound.Text.TokenizerException("The tokenizer is none.");
            default:
                break;
        }
    }

    /// <summary>Takes more than is allowed, page by page, where the runtime's heap does not end it.</summary>
    private static unsafe void TakeNativeMemory()
    {
        for (var taken = 0L; taken < 2 * Reader.MostMemory; taken += Step)
        {
            NativeMemory.Fill(NativeMemory.Alloc(Step), Step, 1);
        }

        Thread.Sleep(Timeout.Infinite);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Dive(int depth) => depth < 0 ? 0 : Dive(depth + 1) + Dive(depth + 2);
}
