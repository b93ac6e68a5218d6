using System.Buffers;
using System.Text;

namespace Rebound.Text.Bpe;

/// <summary>
/// GPT-2's printable stand-ins for bytes, as <c>tokenizer.json</c> spells byte-level pieces: a byte that Latin-1 prints
/// stands for itself, the others for U+0100 and on (the space is <c>Ġ</c>).
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Chars = BuildChars();
    private static readonly short[] Bytes = BuildBytes();

    /// <summary>The character that stands for a byte.</summary>
    public static char CharOf(byte value) => Chars[value];

    /// <summary>The byte that a character stands for, or −1.</summary>
    public static int ByteOf(char value) => value < Bytes.Length ? Bytes[value] : -1;

    /// <summary>A byte-level piece as text, with bytes that are no whole character written <c>&lt;0xE2&gt;</c>.</summary>
    public static string Describe(string piece)
    {
        var bytes = new List<byte>(piece.Length);
        foreach (var c in piece)
        {
            if (ByteOf(c) is >= 0 and var value)
            {
                bytes.Add((byte)value);
            }
            else
            {
                return piece;
            }
        }

        var text = new StringBuilder(piece.Length);
        for (ReadOnlySpan<byte> rest = bytes.ToArray(); rest.Length > 0;)
        {
            if (Rune.DecodeFromUtf8(rest, out var rune, out var length) == OperationStatus.Done)
            {
                text.Append(rune);
            }
            else
            {
                foreach (var b in rest[..length])
                {
                    text.Append($"<0x{b:X2}>");
                }
            }

            rest = rest[length..];
        }

        return text.ToString();
    }

    private static char[] BuildChars()
    {
        var chars = new char[256];
        var next = (char)256;
        for (var b = 0; b < 256; b++)
        {
            var prints = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            chars[b] = prints ? (char)b : next++;
        }

        return chars;
    }

    private static short[] BuildBytes()
    {
        var bytes = new short[Chars.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (var b = 0; b < 256; b++)
        {
            bytes[Chars[b]] = (short)b;
        }

        return bytes;
    }
}
