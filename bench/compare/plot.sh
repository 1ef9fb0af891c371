# Sourced by bench/compare.sh: draw_rounds ROUNDS FILE.svg draws the table, by gnuplot.

draw_rounds() {
  local data=$work/plot.csv rows
  /usr/bin/python3 bench/compare/report.py --plot "$1" | tac >"$data" # the first row at the top
  rows=$(wc -l <"$data")
  gnuplot <<END
set terminal svg size 900,$((120 + 34 * rows)) dynamic font 'sans-serif,13' background rgb 'white'
set output '$2'
set datafile separator ','
set multiplot
set logscale x
set format x '%.0s%c'
set grid xtics lc rgb '#dddddd'
set border lc rgb '#444444'
set yrange [-0.6:$rows-0.4]
set style fill solid 0.85
unset key
set bmargin 4
set lmargin at screen 0.25
set rmargin at screen 0.61
set xlabel 'jobs a second (more is better)'
plot '$data' using (\$2):0:(1):2:(\$0-0.32):(\$0+0.32):ytic(1) with boxxyerror lc rgb '#1b9e77', \
  '' using 2:0:3:4 with xerrorbars pt 0 lw 1.5 lc rgb '#222222'
set lmargin at screen 0.65
set rmargin at screen 0.97
set format y ''
set xlabel 'microseconds of CPU a job (less is better)'
plot '$data' using (\$5):0:(1):5:(\$0-0.32):(\$0+0.32) with boxxyerror lc rgb '#7570b3', \
  '' using 5:0:6:7 with xerrorbars pt 0 lw 1.5 lc rgb '#222222'
unset multiplot
END
  sed -i "s|<title>[^<]*$data[^<]*</title>||" "$2" # the name of a file that is gone
}
