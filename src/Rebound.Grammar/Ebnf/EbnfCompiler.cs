using Rebound.Grammar.Automata;
using Rebound.Grammar.Texts;

namespace Rebound.Grammar.Ebnf;

/// <summary>
/// Compiles rules. Those that come to no rule that calls itself are put in place of their names; the others become rules of the automaton,
/// without recursion on the left (<see cref="LeftRecursion"/>), whose calls cost levels only where the stack grows
/// (<see cref="CallLevels"/>). A call is never empty: a rule that may be is called or left out.
/// </summary>
internal sealed class EbnfCompiler
{
    private readonly EbnfRules _rules;
    private readonly NodeTable _table;
    private readonly EbnfGrammarOptions _options;
    private readonly Utf8Text _text;
    private readonly Node?[] _plain;
    private readonly Rule?[] _called;

    private EbnfCompiler(EbnfRules rules, NodeTable table, EbnfGrammarOptions options)
    {
        (_rules, _table, _options) = (rules, table, options);
        _text = new Utf8Text(table);
        _plain = new Node?[rules.All.Count];
        _called = new Rule?[rules.All.Count];
    }

    /// <exception cref="GrammarException">The rules are too large.</exception>
    public static Node Compile(EbnfRules rules, NodeTable table, EbnfGrammarOptions options)
    {
        var compiler = new EbnfCompiler(rules, table, options);
        compiler.Bodies();
        compiler.CheckStates();
        var called = compiler._called.OfType<Rule>().ToList();
        var all = new LeftRecursion(table, options.MaxRules).Without(called);
        CallLevels.Set(all, table);
        NodeTable.Measure([.. all.Reverse()]);
        var placed = table.Place(compiler.Named(0), level: 0);
        return table.LeftOut > 0
            ? throw GrammarException.OfGrammar(
                $"more than {NodeTable.MostOptions} alternatives stand beside each other; say it with fewer.")
            : placed == table.Never
                ? throw rules.Wrong(rules.All[0], $"no text ends while rules nest at most {options.MaxDepth} deep; make them flatter.")
                : placed;
    }

    private void Bodies()
    {
        var edges = _rules.All
            .Select(rule => rule.References.Select(reference => _rules.Place(reference.Name)).Distinct().ToList()).ToArray();
        var components = CallGraph.Components(edges);
        var sizes = components.CountBy(component => component).ToDictionary();
        var inOrder = Enumerable.Range(0, edges.Length).OrderByDescending(place => components[place]).ToList();
        foreach (var place in inOrder)
        {
            if (sizes[components[place]] > 1 || edges[place].Contains(place) || edges[place].Any(target => _plain[target] is null))
            {
                _called[place] = new Rule(_rules.All[place].Name) { Cost = 0 };
            }
            else
            {
                _plain[place] = Closed(Of(_rules.All[place].Body));
            }
        }

        foreach (var place in inOrder.Where(place => _called[place] is not null))
        {
            _called[place]!.Body = Of(_rules.All[place].Body);
            if (_table.Made > _options.MaxNodes)
            {
                throw _rules.Wrong(_rules.All[place], $"the grammar comes to more than {_options.MaxNodes} parts; say it with fewer.");
            }
        }
    }

    private void CheckStates()
    {
        var states = new PartStates(_table, _options.MaxStates);
        for (var place = 0; place < _called.Length; place++)
        {
            if ((_called[place]?.Body ?? (place == 0 ? _plain[place] : null)) is { } body && !states.AreFew(body))
            {
                var name = _rules.All[place].Name;
                throw _rules.Wrong(
                    _rules.All[place], $"what the rule '{name}' comes to takes more than {_options.MaxStates} states; shorten its "
                        + "repetitions, or let a part end before the next that looks like it begins.");
            }
        }
    }

    private Node Named(int place) => _plain[place] ?? (_rules.Empty[place]
        ? _table.Optional(_table.Call(_called[place]!))
        : _table.Call(_called[place]!));

    private Node Of(EbnfPart part) => part switch
    {
        EbnfPart.Text text => text.Value.Length == 0 ? _table.Empty : _table.Literal(text.Value),
        EbnfPart.Set set => _text.Of(set.Members),
        EbnfPart.Reference reference => Named(_rules.Place(reference.Name)),
        EbnfPart.Sequence sequence => OfSequence(sequence),
        EbnfPart.Choice choice => OfChoice(choice),
        EbnfPart.Repeat { Min: 0, Max: 1 } optional => _table.Optional(Of(optional.Body)),
        _ => part is EbnfPart.Repeat repeat ? Closed(_table.Repeat(Of(repeat.Body), repeat.Min, repeat.Max)) : _table.Never,
    };

    /// <summary>Neighbours without calls are one part of the automaton's, so that their masks are shared wherever they stand.</summary>
    private Node OfSequence(EbnfPart.Sequence sequence)
    {
        var (parts, run) = (new List<Node>(), new List<Node>());
        foreach (var node in sequence.Parts.Select(Of))
        {
            if (node.HasCalls)
            {
                EndRun();
                parts.Add(node);
            }
            else
            {
                run.Add(node);
            }
        }

        EndRun();
        return _table.Sequence([.. parts]);

        void EndRun()
        {
            parts.Add(Closed(_table.Sequence([.. run])));
            run.Clear();
        }
    }

    /// <summary>The beginning that texts have in common is followed once.</summary>
    private Node OfChoice(EbnfPart.Choice choice)
    {
        var texts = choice.Options.OfType<EbnfPart.Text>().Select(text => text.Value).ToList();
        var others = choice.Options.Where(option => option is not EbnfPart.Text).Select(Of);
        return _table.Choice(texts.Count == 0 ? others : others.Prepend(_table.Literals(texts)));
    }

    private Node Closed(Node node) => node.HasCalls ? node : _table.Unit(node);
}
